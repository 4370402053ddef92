import Checkpoints
import CrayonCore
import Foundation
import Grounding
import Language
import Panoptic
import Tensors

/// NExT-Chat's way of pointing, loaded.
struct LoadedPix2Emb: Sendable {
  /// Whose feature map the masks are drawn on.
  private enum Features: Sendable {
    case segmenter(PanopticDetector, MaskFeatures)
    case sam(SAM)
  }

  let grounding: Grounding
  private let trigger: Int
  private let slot: Int
  private let boxes: GroundingConfiguration.Boxes
  private let features: Features

  /// - Parameters:
  ///   - checkpoint: the language model's, where it is one that other stages share
  ///   - detector: what a folder of features holds, if that is loaded already
  init(
    _ configuration: GroundingConfiguration.Pix2Emb, checkpoint: PublishedCheckpoint?, language: LanguageModel,
    detector: (URL) -> PanopticDetector?, pipeline: String
  ) throws {
    let width = language.decoder.width
    let heads: GroundingHeads
    switch configuration.weights {
    case .file(let file, let folder):
      try Pipeline.require(file, of: "grounding", in: pipeline)
      try Pipeline.require(folder, of: "grounding's segmenter", in: pipeline)
      let weights = WeightReader(try Checkpoint(file: file))
      heads = try GroundingHeads(weights, width: width)
      grounding = Grounding(heads: heads, masker: try RegionMasker(pocket: weights, width: width))
      let segmenter = try detector(folder) ?? PanopticDetector(folder: folder)
      let decoded = try MaskFeatures(pocket: weights, channels: segmenter.featureWidth)
      // At the size that the decoder learned on, at whatever size the map is made.
      features = .segmenter(segmenter.seeing(side: 2 * decoded.side * PanopticDetector.featureStride), decoded)
      try weights.finish()
    case .checkpoint:
      guard let weights = checkpoint?.weights else {
        throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: "grounding")
      }
      heads = try GroundingHeads(weights, width: width, names: .nextChat)
      let sam = try SAM(original: weights.scoped("sam.model"), placement: .middle)
      grounding = Grounding(
        heads: heads, masker: try RegionMasker(nextChat: weights, width: width, sam: sam))
      features = .sam(sam)
    }
    boxes = configuration.boxes
    func token(_ name: String) throws -> Int {
      guard let token = language.tokenizer.id(of: name) else {
        throw PipelineError.noSuchToken(pipeline: pipeline, name: name)
      }
      return token
    }
    trigger = try token(configuration.trigger)
    slot = try token(configuration.slot)
  }

  /// How the language model points on a picture: what it reads behind a trigger is the location of what it means there.
  func trigger(on picture: SeenPicture) -> LocationTrigger {
    LocationTrigger(
      token: trigger, slot: slot, locator: Pointing(grounding.heads, at: picture.segments))
  }

  /// The regions of a reply; the picture's features are made only where masks are to be drawn on them.
  /// - Parameters:
  ///   - boxes: in place of the pipeline's own; nil for that
  ///   - vocabulary: what the map's segments can be
  /// - Throws: `GroundingError`
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
      input.canvas = canvas(picture.image)
      try grounding.drawMasks(of: &regions, input)
    }
    return regions
  }

  private func canvas(_ image: RGBImage) -> GroundingInput.Canvas {
    switch features {
    case .segmenter(let segmenter, let decoded):
      GroundingInput.Canvas(
        features: decoded(segmenter.features(image)),
        frame: PictureFrame(.squash, width: image.width, height: image.height))
    case .sam(let sam): GroundingInput.Canvas(sam.see(image))
    }
  }
}
