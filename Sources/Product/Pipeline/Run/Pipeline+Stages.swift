public import CrayonCore
import Fusion
import Grounding
import Language
import Layers
public import Tensors
import Vision

/// The stages one by one, each with an input of the caller's choice: what a comparison of two pipelines is made of.
/// An answer needs none of this (``look(at:options:isCancelled:began:)``, ``Conversation``).
extension Pipeline {
  /// Whether another pipeline's language model reads the same sequences as this one's: as wide a model with as many
  /// tokens, asked by the same template, with a crayon grid of the same size.
  public func readsSameSequences(as other: Pipeline) -> Bool {
    let (mine, theirs) = (language.decoder, other.language.decoder)
    return mine.width == theirs.width && mine.configuration.vocabulary == theirs.configuration.vocabulary
      && fuser.template == other.fuser.template
      && prompting.configuration.grid == other.prompting.configuration.grid
  }

  /// Changes with everything that the segmenter's maps depend on besides the picture; nil where none is loaded.
  public var segmenterFingerprint: String? { segmenter?.fingerprint }

  /// Stage 2 alone.
  /// - Returns: nil where no segmenter is loaded
  /// - Throws: the segmenter's errors
  public func panopticMap(of image: RGBImage) throws -> PanopticMap? {
    try segmenter?.network().run(image)
  }

  /// Stage 3 alone.
  /// - Returns: [patches, width of the language model]; nil where the model is shown no crayon
  /// - Throws: the stage's errors
  public func crayonFeatures(of map: PanopticMap) throws -> Tensor? {
    try prompting.run(map, LookOptions()).1
  }

  /// Changes with everything that vision tokens depend on besides the picture.
  public var visionFingerprint: String { vision.fingerprint }

  /// Stage 4 alone.
  /// - Throws: `VisionError`
  public func visionTokens(of image: RGBImage) throws -> VisionTokens { try vision.encoder.run(image) }

  /// The connector alone.
  /// - Parameter features: of vision tokens, [patches, width of the vision tower]
  /// - Returns: [patches, width of the language model]
  public func imageTokens(of features: Tensor) -> Tensor { vision.connector(features) }

  /// Hidden states behind the language model's last norm, at each position of an answer's sequence and of the answer
  /// itself, [positions, width]. Both adapters of Dual QLoRA work.
  /// - Parameters:
  ///   - answer: of any pipeline that reads the same sequences
  ///   - seen: the picture; says whether the language model was shown its map
  ///   - pointing: whose location encoder makes what is read where the answer points
  /// - Throws: the stage's errors
  public func hiddenStates(
    of answer: PictureAnswer, on seen: SeenPicture, pointing: Pipeline
  ) throws -> Tensor {
    let decoder = language.decoder
    let sequence = answer.sequence
    let written = try decoder.embeddings(of: answer.reply.tokens)
    let rows = sequence.count + answer.reply.tokens.count
    let input = Tensor(shape: [rows, decoder.width]) { out in
      sequence.embeddings.read { out.update(from: $0, count: sequence.embeddings.count) }
      let start = out + sequence.embeddings.count
      written.read { start.update(from: $0, count: written.count) }
      guard let heads = pointing.grounding?.heads else { return }
      for pointed in answer.reply.triggers where pointed.position + 1 < answer.reply.tokens.count {
        heads.locations(of: Tensor(pointed.state, shape: [1, decoder.width])).read {
          (start + (pointed.position + 1) * decoder.width).update(from: $0, count: decoder.width)
        }
      }
    }
    var cache = KeyValueCache(for: decoder.configuration, halves: decoder.keepsHalves)
    return try decoder.run(
      input, cache: &cache,
      conditions: DecoderConditions(
        adapters: try adapterGains(AskOptions(), showsCrayon: seen.crayonFeatures != nil),
        imageSpan: sequence.imageSpan, crayonFeatures: sequence.crayonFeatures),
      hiddenStatesAt: Array(0..<rows))
  }

  /// Logits of the next token, [positions, vocabulary].
  /// - Parameter states: behind the last norm, [positions, width]
  public func logits(of states: Tensor) -> Tensor { language.decoder.logits(states) }

  /// Stage 7 alone: the regions of a reply as the heads decode them, whatever the map's segments.
  /// - Returns: nil where the pipeline has no heads for regions
  /// - Throws: `GroundingError`
  public func decodedRegions(of reply: Reply, on seen: SeenPicture) throws -> Regions? {
    try grounding?.regions(of: reply, on: seen, boxes: .heads, vocabulary: seen.vocabulary ?? .coco)
  }
}
