import Checkpoints
import CrayonCore
import Foundation
import Grounding
import Language
import Panoptic
import Tensors
import Tokenizers

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
  private let tokenizer: any Tokenizer
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
    tokenizer = language.tokenizer
  }

  /// How the language model points on a picture: what it reads behind a trigger is the location of the region that will
  /// be reported, as far as its words have come.
  /// - Parameters:
  ///   - boxes: in place of the pipeline's own; nil for that
  ///   - vocabulary: what the map's segments can be
  func trigger(
    on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) -> LocationTrigger {
    LocationTrigger(token: trigger, slot: slot) { made in
      let heads = grounding.heads
      guard let state = made.hiddenStates.last?.state else {
        preconditionFailure("a location without a trigger")
      }
      if let matching = matching(boxes, on: picture, vocabulary: vocabulary) {
        let reply = Reply(made, tokenizer: tokenizer)
        let meant = try grounding.run(GroundingInput(reply: reply, frame: picture.vision.frame))
        if meant.regions.last?.trigger == reply.triggers.count - 1,
          let box = matching.boxes(of: meant).last ?? nil,
          let seen = picture.vision.frame.clippedFrameBox(of: box)
        {
          return heads.embeddings(of: [seen]).reshaped([heads.width])
        }
      }
      return heads.locations(of: state.reshaped([1, heads.width])).reshaped([heads.width])
    }
  }

  /// The regions of a reply; the picture's features are made only where there are any.
  /// - Parameters:
  ///   - boxes: in place of the pipeline's own; nil for that
  ///   - vocabulary: what the map's segments can be
  /// - Throws: `GroundingError`
  func regions(
    of reply: Reply, on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) throws -> Regions {
    let regions = try grounding.run(
      GroundingInput(
        reply: reply, frame: picture.vision.frame, canvas: reply.triggers.isEmpty ? nil : canvas(picture.image))
    )
    return matching(boxes, on: picture, vocabulary: vocabulary)?.run(regions) ?? regions
  }

  /// nil where the heads alone say where regions are.
  private func matching(
    _ boxes: GroundingConfiguration.Boxes?, on picture: SeenPicture, vocabulary: CategoryTable
  ) -> SegmentMatching? {
    switch boxes ?? self.boxes {
    case .heads: nil
    case .segments: SegmentMatching(picture.map, vocabulary: vocabulary)
    case .words: SegmentMatching(picture.map, vocabulary: vocabulary, usesBoxes: false)
    }
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
