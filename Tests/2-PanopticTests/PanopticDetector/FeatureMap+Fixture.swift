import Layers
import Tensors

extension FeatureMap {
  /// Every so manieth row and column, channels first, as fixtures have maps.
  func channelsFirst(step: Int) -> [Float] {
    let values = self.values.values
    var sampled: [Float] = []
    for channel in 0..<channels {
      for row in stride(from: 0, to: height, by: step) {
        for column in stride(from: 0, to: width, by: step) {
          sampled.append(values[(row * width + column) * channels + channel])
        }
      }
    }
    return sampled
  }
}
