import Checkpoints
import CrayonCore
import Grounding
import Language
import Panoptic
import Tensors

/// Stage 7, loaded.
struct LoadedGrounding: Sendable {
  let grounding: Grounding
  let trigger: LocationTrigger
  private let boxes: GroundingConfiguration.Boxes
  /// Whose feature map the masks are drawn on.
  private let features: BottomUpSegmenter

  init(_ configuration: GroundingConfiguration, language: LanguageModel, pipeline: String) throws {
    try Pipeline.require(configuration.weights, of: "grounding", in: pipeline)
    try Pipeline.require(configuration.features, of: "grounding's segmenter", in: pipeline)
    let weights = WeightReader(try Checkpoint(file: configuration.weights))
    let width = language.decoder.width
    let heads = try GroundingHeads(weights, width: width)
    grounding = Grounding(heads: heads, masker: try RegionMasker(pocket: weights, width: width))
    try weights.finish()
    boxes = configuration.boxes
    features = try BottomUpSegmenter(folder: configuration.features)
    func token(_ name: String) throws -> Int {
      guard let token = language.tokenizer.id(of: name) else {
        throw PipelineError.noSuchToken(pipeline: pipeline, name: name)
      }
      return token
    }
    trigger = LocationTrigger(
      token: try token(configuration.trigger), slot: try token(configuration.slot),
      location: { heads.locations(of: $0.reshaped([1, width])).reshaped([width]) })
  }

  /// The regions of a reply; the picture's features are made only where there are any.
  /// - Parameters:
  ///   - boxes: in place of the pipeline's own; nil for that
  ///   - vocabulary: what the map's segments can be
  /// - Throws: `GroundingError`
  func regions(
    of reply: Reply, on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) throws -> Regions {
    let image = picture.image
    let canvas =
      reply.triggers.isEmpty
      ? nil
      : GroundingInput.Canvas(
        features: features.embedding(image),
        frame: PictureFrame(.squash, width: image.width, height: image.height))
    let regions = try grounding.run(GroundingInput(reply: reply, frame: picture.vision.frame, canvas: canvas))
    switch boxes ?? self.boxes {
    case .heads: return regions
    case .segments: return SegmentMatching(picture.map, vocabulary: vocabulary).run(regions)
    }
  }
}
