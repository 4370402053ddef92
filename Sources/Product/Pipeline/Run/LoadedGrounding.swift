import CrayonCore
import Foundation
import Grounding
import Language
import Panoptic

/// Stage 7, loaded.
enum LoadedGrounding: Sendable {
  case pix2emb(LoadedPix2Emb)
  case map(MapGrounding)

  /// - Parameters:
  ///   - checkpoint: the language model's, where it is one that other stages share
  ///   - detector: what a folder of features holds, if that is loaded already
  init(
    _ configuration: GroundingConfiguration, checkpoint: PublishedCheckpoint?, language: LanguageModel,
    detector: (URL) -> PanopticDetector?, pipeline: String
  ) throws {
    switch configuration {
    case .pix2emb(let pix2emb):
      self = .pix2emb(
        try LoadedPix2Emb(
          pix2emb, checkpoint: checkpoint, language: language, detector: detector, pipeline: pipeline))
    case .map(let folder):
      self = .map(
        MapGrounding(
          sam: try folder.map { folder in
            try Pipeline.require(folder.appendingPathComponent("config.json"), of: "SAM", in: pipeline)
            return try Pipeline.loading(folder, in: pipeline) { try SAM(folder: folder) }
          }))
    }
  }

  /// How the language model points on a picture; nil where it does not.
  func trigger(on picture: SeenPicture) -> LocationTrigger? {
    switch self {
    case .pix2emb(let grounding): grounding.trigger(on: picture)
    case .map: nil
    }
  }

  /// What makes embeddings of a question's regions; nil where the language model reads none.
  var heads: GroundingHeads? {
    switch self {
    case .pix2emb(let grounding): grounding.grounding.heads
    case .map: nil
    }
  }

  /// The regions of a reply.
  /// - Parameters:
  ///   - boxes: in place of the pipeline's own; nil for that
  ///   - vocabulary: what the map's segments can be
  /// - Throws: `GroundingError`
  func regions(
    of reply: Reply, on picture: SeenPicture, boxes: GroundingConfiguration.Boxes?, vocabulary: CategoryTable
  ) throws -> Regions {
    switch self {
    case .pix2emb(let grounding):
      try grounding.regions(of: reply, on: picture, boxes: boxes, vocabulary: vocabulary)
    case .map(let grounding): grounding.regions(of: reply, on: picture)
    }
  }
}
