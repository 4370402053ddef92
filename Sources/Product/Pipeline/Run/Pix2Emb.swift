import CrayonCore
import Grounding
import Language
import Panoptic
import Tokenizers

/// Stage 7 of a pipeline: from a reply to boxes and masks.
protocol AnswerGrounding: Sendable {
  /// What makes embeddings of a question's regions; nil where the language model reads none.
  var heads: GroundingHeads? { get }

  /// How the language model points on a picture; nil where it does not.
  func trigger(on picture: SeenPicture) -> LocationTrigger?

  /// The regions of a reply.
  /// - Parameters:
  ///   - boxes: in place of the pipeline's own; nil for that
  ///   - vocabulary: what the map's segments can be
  /// - Throws: `GroundingError`, or the errors of a network that is loaded only now
  func regions(
    of reply: Reply, on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) throws -> Regions

  /// What the masks of a picture's answers are drawn on; nil where they are the map's own.
  /// - Throws: the errors of a network that is loaded only now
  func canvas(of image: RGBImage) throws -> MaskCanvas?

  /// Loads what is otherwise loaded when it is first needed.
  func load() throws
}

/// NExT-Chat's way of pointing (arXiv 2311.04498): the language model says a trigger, and reads behind it the place that
/// its hidden state means.
struct Pix2Emb: AnswerGrounding {
  /// Whose feature map the masks are drawn on.
  enum Features: Sendable {
    case segmenter(OnDemand<PanopticDetector>, MaskFeatures)
    case sam(SAM)
  }

  private let grounding: Grounding
  private let features: Features
  private let trigger: Int
  private let slot: Int
  private let boxes: GroundingConfiguration.Boxes

  /// - Throws: ``PipelineError/noSuchToken(pipeline:name:)``
  init(
    _ configuration: GroundingConfiguration.Pix2Emb, _ built: (Grounding, Features), language: LanguageModel,
    pipeline: String
  ) throws {
    func token(_ name: String) throws -> Int {
      guard let token = language.tokenizer.id(of: name) else {
        throw PipelineError.noSuchToken(pipeline: pipeline, name: name)
      }
      return token
    }
    (grounding, features) = built
    trigger = try token(configuration.trigger)
    slot = try token(configuration.slot)
    boxes = configuration.boxes
  }

  var heads: GroundingHeads? { grounding.heads }

  func trigger(on picture: SeenPicture) -> LocationTrigger? {
    LocationTrigger(
      token: trigger, slot: slot, locator: Pointing(grounding.heads, at: picture.segments))
  }

  /// Segments are matched first; what masks are drawn on is made, and its network loaded, only where none matched.
  func regions(
    of reply: Reply, on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) throws -> Regions {
    var input = GroundingInput(reply: reply, frame: picture.vision.frame, segments: picture.segments)
    var regions = try grounding.boxes(of: input)
    let matching = SegmentMatching(picture.map, vocabulary: vocabulary)
    switch boxes ?? self.boxes {
    case .heads: break
    case .segments: regions = matching.byPointing(regions)
    case .words: regions = matching.byWords(regions)
    }
    if regions.regions.contains(where: { $0.mask == nil }) {
      input.canvas = try picture.canvas.value()
      try grounding.drawMasks(of: &regions, input)
    }
    return regions
  }

  func canvas(of image: RGBImage) throws -> MaskCanvas? {
    switch features {
    case .segmenter(let detector, let decoded):
      // At the size that the decoder learned on, at whatever size the map is made.
      let side = 2 * decoded.side * PanopticDetector.featureStride
      return MaskCanvas(
        features: decoded(try detector.value().seeing(side: side).features(image)),
        frame: PictureFrame(.squash, width: image.width, height: image.height))
    case .sam(let sam): return sam.see(image)
    }
  }

  func load() throws {
    if case .segmenter(let detector, _) = features { _ = try detector.value() }
  }
}
