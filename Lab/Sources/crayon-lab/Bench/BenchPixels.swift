import Checkpoints
import Foundation
import Layers
import Tensors

/// The square picture that an image encoder is timed on.
struct BenchPixels {
  /// `side` × `side`, 3 channels.
  let map: FeatureMap

  /// - Parameters:
  ///   - file: safetensors with `pixels` [3, side, side]; nil for noise
  ///   - side: in pixels
  /// - Throws: `CheckpointError`
  init(file: String?, side: Int) throws {
    let values: [Float]
    if let file {
      let weights = WeightReader(try Checkpoint(file: URL(fileURLWithPath: file)))
      let planes = try weights.tensor("pixels", shape: [3, side, side]).values
      values = (0..<side * side * 3).map { planes[$0 % 3 * side * side + $0 / 3] }
    } else {
      values = (0..<side * side * 3).map { Float(($0 &* 7919) % 1000) / 250 - 2 }
    }
    map = FeatureMap(height: side, width: side, values: Tensor(values, shape: [side * side, 3]))
  }
}
