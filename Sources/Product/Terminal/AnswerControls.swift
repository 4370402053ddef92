public import ArgumentParser
public import CrayonCore
public import CrayonPrompting
import Language
public import Pipeline

/// How an answer is made.
public struct AnswerControls: ParsableArguments {
  /// Which of the two adapters of Dual QLoRA work.
  public enum Adapters: String, CaseIterable, ExpressibleByArgument {
    case both, image, vl, none
  }

  /// `--adapters`
  @Option(help: "Which adapters work: both, image (object level), vl (visual language), none.")
  public var adapters = Adapters.both

  /// `--image-gain`
  @Option(help: ArgumentHelp("How strongly the image adapter works.", valueName: "gain"))
  public var imageGain: Float = 1

  /// `--vl-gain`
  @Option(help: ArgumentHelp("How strongly the visual-language adapter works.", valueName: "gain"))
  public var vlGain: Float = 1

  /// `--max-tokens`; nil for the pipeline's own limit.
  @Option(help: ArgumentHelp("The most tokens of an answer (default: the pipeline's).", valueName: "n"))
  public var maxTokens: Int?

  /// `--temperature`; 0 takes the likeliest token.
  @Option(help: "0 takes the likeliest word, always; more is freer.")
  public var temperature: Float = 0

  /// `--top-p`
  @Option(help: "With a temperature: only the likeliest words that together have this probability.")
  public var topP: Float = 1

  /// `--seed`
  @Option(help: "With a temperature: another seed, another answer.")
  public var seed: UInt64 = 0

  /// `--boxes`; nil for the pipeline's own.
  @Option(
    help: ArgumentHelp(
      """
      Where an answer's boxes and masks come from: segments (of the map, which the model points at, or which its boxes \
      overlap most), heads (the model's own decoders), words (of the map, the first that the words leave, wherever the \
      model points) (default: the pipeline's).
      """))
  public var boxes: GroundingConfiguration.Boxes?

  /// `--beams`; 1 for no search.
  @Option(help: "Search over this many answers at once for the likeliest.")
  public var beams = 1

  /// The defaults.
  public init() {}

  /// - Throws: `ValidationError` for a number that is out of its range
  public mutating func validate() throws {
    if let maxTokens, !(1...65536).contains(maxTokens) {
      throw ValidationError("--max-tokens is from 1 to 65536.")
    }
    guard (0...100).contains(temperature) else { throw ValidationError("--temperature is from 0 to 100.") }
    guard topP > 0, topP <= 1 else { throw ValidationError("--top-p is above 0 and at most 1.") }
    guard (1...64).contains(beams) else { throw ValidationError("--beams is from 1 to 64.") }
    guard beams == 1 || temperature == 0 else {
      throw ValidationError("--beams looks for the likeliest answer; --temperature does not.")
    }
    guard [imageGain, vlGain].allSatisfy(AskOptions.gains.contains) else {
      throw ValidationError("Gains are from -8 to 8.")
    }
  }

  /// What a question is asked with.
  /// - Parameters:
  ///   - pipeline: whose limit of tokens holds where `--max-tokens` gives none
  ///   - regions: that the question speaks of, in pixels
  public func options(_ pipeline: Pipeline, regions: [PictureBox] = []) -> AskOptions {
    AskOptions(
      imageGain: adapters == .both || adapters == .image ? imageGain : 0,
      visualLanguageGain: adapters == .both || adapters == .vl ? vlGain : 0,
      answer: AnswerOptions(
        limit: maxTokens ?? pipeline.answerLimit,
        sampling: Sampling(temperature: temperature, topP: topP, seed: seed), beams: beams),
      regions: regions, boxes: boxes)
  }
}

extension GroundingConfiguration.Boxes: ExpressibleByArgument {}
extension LookOptions.Crayon: ExpressibleByArgument {}
extension ListingStyle: ExpressibleByArgument {}
