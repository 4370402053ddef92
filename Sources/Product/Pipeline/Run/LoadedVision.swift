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
  /// Changes with the tower's weights and the way a picture is put before it.
  let fingerprint: String

  init(_ configuration: VisionConfiguration, width: Int, grid: GridSize, pipeline: String) throws {
    try Pipeline.require(configuration.weights, of: "vision tower", in: pipeline)
    let preprocessing = VisionPreprocessing(
      mode: .squash, side: configuration.size, filter: configuration.filter)
    encoder = try VisionEncoder(
      folder: configuration.weights, preprocessing: preprocessing, layer: configuration.layer)
    let tower = encoder.tower
    guard tower.gridSide == grid.rows, tower.gridSide == grid.columns else {
      throw PipelineError.gridMismatch(pipeline: pipeline, vision: tower.gridSide, crayon: grid.rows)
    }
    try Pipeline.require(configuration.connector, of: "connector", in: pipeline)
    let weights = WeightReader(try Checkpoint(file: configuration.connector))
    connector = try MLPConnector(
      weights.scoped("vision_connector"), inputs: tower.configuration.width, width: width,
      positions: try weights.tensor("vision_position", shape: [grid.count, width]))
    try weights.finish()
    let settings = "\(configuration.size) \(configuration.filter) \(configuration.layer)"
    let hash = SHA256.hash(
      data: Data((try Checkpoint(folder: configuration.weights).digest() + settings).utf8))
    fingerprint = "clip:" + hash.prefix(16).map { String(format: "%02x", $0) }.joined()
  }

  /// The image tokens in the language model's space, [N, width].
  func imageTokens(_ tokens: VisionTokens) -> Tensor { connector(tokens.features) }
}
