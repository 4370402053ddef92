import Checkpoints
import Layers
import Tensors

/// Reading torch's layout.
enum ChannelsFirst {
  /// A tensor [1, channels, height, width] or [channels, height, width] as a channels-last map.
  static func map(_ tensor: Tensor) -> FeatureMap {
    let shape = tensor.shape.suffix(3).map { $0 }
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    let values = tensor.values
    let transposed = (0..<height * width).flatMap { position in
      (0..<channels).map { values[$0 * height * width + position] }
    }
    return FeatureMap(
      height: height, width: width, values: Tensor(transposed, shape: [height * width, channels]))
  }
}
