public import Foundation
import Fusion

/// Stage 7: from an answer to boxes and masks.
public enum GroundingConfiguration: Sendable {
  /// The language model points by tokens of its own.
  case pix2emb(Pix2Emb)
  /// The language model names what is on the map. Masks are drawn by the SAM of a folder; nil for the map's own.
  case map(sam: URL?)

  /// Boxes and masks out of hidden states (NExT-Chat, arXiv 2311.04498).
  public struct Pix2Emb: Sendable {
    /// Where the heads, the mask prompt and the mask decoder are, and whose features the masks are drawn on.
    public enum Weights: Sendable, Equatable {
      /// In a file of this project; the features are those of this project's segmenter in a folder.
      case file(URL, features: URL)
      /// In NExT-Chat's checkpoint, beside the language model; the features are those of the SAM in it.
      case checkpoint
    }

    /// Where the heads are.
    public let weights: Weights
    /// The token by which the language model says that it points, and what stands for the place behind it.
    public let trigger: String
    /// What stands for the place behind the trigger.
    public let slot: String
    /// Where boxes and masks come from in the end.
    public let boxes: Boxes
  }

  /// Where boxes and masks come from in the end.
  public enum Boxes: String, Sendable, CaseIterable {
    /// The heads alone.
    case heads
    /// The map's segments that the heads point at, or that their boxes overlap most; the heads where there is none.
    case segments
    /// The map's segments that the answer's words mean, the first of those that they leave, wherever the heads point:
    /// what the words alone are worth, for comparison.
    case words
  }

  private enum Kind: String, CaseIterable {
    case pix2emb
    case nextchat
    case map
  }

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    func pix2emb(_ mapping: inout YAMLMapping, _ weights: Pix2Emb.Weights) throws -> GroundingConfiguration {
      .pix2emb(
        Pix2Emb(
          weights: weights, trigger: try mapping.neededString("trigger"),
          slot: try mapping.neededString("slot"),
          boxes: try mapping.choice("boxes", Boxes.self, default: .heads)))
    }
    switch try mapping.choice("kind", Kind.self) {
    case .pix2emb:
      let weights = Pix2Emb.Weights.file(
        try mapping.weights("weights", relativeTo: file),
        features: try mapping.weights("features", relativeTo: file))
      self = try pix2emb(&mapping, weights)
    case .nextchat: self = try pix2emb(&mapping, .checkpoint)
    case .map: self = .map(sam: try mapping.optionalWeights("sam", relativeTo: file))
    }
    try mapping.finish()
  }
}

/// The tokens by which a language model points: it says the trigger, and reads the place that is meant in the slot behind
/// it.
public struct PointingTokens: Sendable, Equatable, CustomStringConvertible {
  /// By which the model says that it points.
  public let trigger: String
  /// In which it reads the place.
  public let slot: String

  /// Those that pocket's adapters were trained with (`Training/pocket/base.py`). They are the weights' and no setting: a
  /// pipeline's file can only repeat them.
  static let pocket = PointingTokens(trigger: "<filename>", slot: "<empty_output>")

  public var description: String { "\(trigger) and \(slot)" }
}

/// A language model that points, in a pipeline whose heads do not answer it.
public struct UnansweredTrigger: Sendable, Equatable {
  /// By its name.
  public let pipeline: String
  /// The pipeline's YAML file.
  public let file: String
  /// What the language model was trained with.
  public let trained: PointingTokens
  /// What the pipeline's heads answer; nil where it has none.
  public let answered: PointingTokens?
}

extension AnsweringConfiguration {
  /// What its language model points with; nil where it does not point. SmolLM2 alone never learned to: the adapters say
  /// the trigger, in the prompt that they were trained on.
  private var pointing: PointingTokens? {
    guard case .gguf(_, adapters: .some, _) = language.weights, fusion.template == .pocket else { return nil }
    return .pocket
  }

  private var answered: PointingTokens? {
    guard case .pix2emb(let heads) = grounding else { return nil }
    return PointingTokens(trigger: heads.trigger, slot: heads.slot)
  }

  /// Makes sure that heads answer a language model that points: without a place behind its trigger it would go on from
  /// what it never saw in training.
  /// - Throws: ``PipelineError/unansweredTrigger(_:)``
  func requireAnsweredTriggers(of pipeline: PipelineConfiguration) throws {
    guard let pointing, pointing != answered else { return }
    throw PipelineError.unansweredTrigger(
      UnansweredTrigger(
        pipeline: pipeline.name, file: pipeline.file.path, trained: pointing, answered: answered))
  }
}
