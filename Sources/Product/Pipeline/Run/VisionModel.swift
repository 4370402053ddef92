import Checkpoints
import CrayonCore
import Foundation
import Layers
import Tensors
import Vision

/// Stage 4 of a pipeline: the tower, and the connector behind it.
struct VisionModel: Sendable {
  let encoder: VisionEncoder
  let connector: MLPConnector
  /// From `SegmentColours` to what they add to a segment's token; nil where the model has none.
  let palette: MLPConnector?
  /// Changes with the tower's weights and sizes, and the way a picture is put before it.
  let fingerprint: String

  /// - Parameter digest: of the tower's weights
  /// - Throws: ``PipelineError/gridMismatch(pipeline:vision:crayon:)`` where the crayon is drawn for another tower
  init(
    _ encoder: VisionEncoder, connector: MLPConnector, palette: MLPConnector? = nil, digest: String,
    _ configuration: VisionConfiguration, grid: GridSize, pipeline: String
  ) throws {
    let side = encoder.tower.gridSide
    guard side == grid.rows, side == grid.columns else {
      throw PipelineError.gridMismatch(pipeline: pipeline, vision: side, crayon: grid.rows)
    }
    self.encoder = encoder
    self.connector = connector
    self.palette = palette
    let tower = encoder.tower.configuration
    let settings =
      "\(configuration.size) \(configuration.fit) \(configuration.filter) \(configuration.layer) \(tower)"
      + Precision.current.mark
    fingerprint = "clip:" + FileDigest.sha256(of: Data((digest + settings).utf8)).prefix(32)
  }

  /// Lets the system take back the tower's memory, until it is run again.
  func rest() { encoder.tower.rest() }
}

extension VisionConfiguration {
  /// How a picture becomes the tower's square.
  var preprocessing: VisionPreprocessing {
    VisionPreprocessing(
      mode: fit == .pad ? .padToSquare(border: SIMD3(repeating: 255)) : .squash, side: size, filter: filter)
  }
}
