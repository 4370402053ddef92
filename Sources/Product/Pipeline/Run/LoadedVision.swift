import Checkpoints
import CrayonCore
import Crypto
import Foundation
import Layers
import Tensors
import Vision

/// Stage 4, loaded: the tower, and the connector behind it.
struct LoadedVision: Sendable {
  let encoder: VisionEncoder
  let connector: MLPConnector
  /// From ``SegmentColours`` to what they add to a segment's token; nil where the model has none.
  let palette: MLPConnector?
  /// Changes with the tower's weights and the way a picture is put before it.
  let fingerprint: String

  /// - Parameter checkpoint: the language model's, where it is one that other stages share
  init(
    _ configuration: VisionConfiguration, checkpoint: PublishedCheckpoint?, width: Int, grid: GridSize,
    pipeline: String
  ) throws {
    let preprocessing = VisionPreprocessing(
      mode: configuration.fit == .pad ? .padToSquare(border: SIMD3(repeating: 255)) : .squash,
      side: configuration.size, filter: configuration.filter)
    let digest: String
    switch configuration.weights {
    case .folder(let folder, let file):
      try Pipeline.require(folder, of: "vision tower", in: pipeline)
      encoder = try VisionEncoder(folder: folder, preprocessing: preprocessing, layer: configuration.layer)
      try Pipeline.require(file, of: "connector", in: pipeline)
      let weights = WeightReader(try Checkpoint(file: file))
      connector = try MLPConnector(
        weights.scoped("vision_connector"), inputs: encoder.tower.configuration.width, width: width,
        positions: try weights.tensor("vision_position", shape: [grid.count, width]))
      palette = try MLPConnector(weights.scoped("palette"), inputs: SegmentColours.width, width: width)
      try weights.finish()
      digest = try Checkpoint(folder: folder).digest()
    case .checkpoint(let file):
      guard let weights = checkpoint?.weights else {
        throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: "vision tower")
      }
      try Pipeline.require(file, of: "vision tower's configuration", in: pipeline)
      let tower = try CLIPVisionTower(
        weights.scoped(Self.collavoTower), CLIPVisionConfiguration(readingJSON: file),
        side: configuration.size, layer: configuration.layer)
      encoder = try VisionEncoder(preprocessing: preprocessing, tower: tower)
      connector = try MLPConnector(
        weights.scoped("vision_proj"), inputs: tower.configuration.width, width: width)
      palette = nil
      digest = try weights.checkpoint.digest(under: Self.collavoTower)
    case .tower(let folder):
      guard let weights = checkpoint?.weights else {
        throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: "connector")
      }
      try Pipeline.require(folder.appendingPathComponent("config.json"), of: "vision tower", in: pipeline)
      encoder = try Pipeline.loading(folder, in: pipeline) {
        try VisionEncoder(folder: folder, preprocessing: preprocessing, layer: configuration.layer)
      }
      connector = try MLPConnector(
        single: weights.scoped("model.mm_projector"), inputs: encoder.tower.configuration.width, width: width)
      palette = nil
      digest = try Checkpoint(folder: folder).digest()
    }
    let side = encoder.tower.gridSide
    guard side == grid.rows, side == grid.columns else {
      throw PipelineError.gridMismatch(pipeline: pipeline, vision: side, crayon: grid.rows)
    }
    let settings = "\(configuration.size) \(configuration.fit) \(configuration.filter) \(configuration.layer)"
    let hash = SHA256.hash(data: Data((digest + settings).utf8))
    fingerprint = "clip:" + hash.prefix(16).map { String(format: "%02x", $0) }.joined()
  }

  /// Lets the system take back the tower's memory, until it is run again.
  func rest() { encoder.tower.rest() }

  private static let collavoTower = "vit.vision_tower.vision_model"
}
