import Layers
import Tensors

/// The convolutions of the bottom-up segmenter: a stem, four stages of residual blocks, and a top-down path to a
/// quarter of the picture's side.
struct BottomUpNetwork: Sendable {
  /// What the network says, before anything is decided.
  struct Fields: Sendable {
    /// Logits of the classes, and of void behind them, at a quarter of the side.
    let semantic: FeatureMap
    /// Logits of being the centre of a thing. [positions, 1]
    let centre: FeatureMap
    /// From a pixel to its thing's centre, dy and dx in pixels of the network's picture. [positions, 2]
    let offset: FeatureMap
  }

  struct Block: Sendable {
    let first: Convolution3x3
    let second: Convolution3x3

    func callAsFunction(_ map: FeatureMap) -> FeatureMap {
      second(first(map, activation: .relu), activation: .relu, residual: map)
    }
  }

  struct Stage: Sendable {
    /// nil for the first, which the stem has brought to its size.
    let down: Convolution3x3?
    let blocks: [Block]

    func callAsFunction(_ map: FeatureMap) -> FeatureMap {
      blocks.reduce(down?(map, activation: .relu) ?? map) { $1($0) }
    }
  }

  let stem: [Convolution3x3]
  let stages: [Stage]
  /// 1×1, of each stage.
  let lateral: [Linear]
  /// Behind the sums, of all stages but the last.
  let smooth: [Convolution3x3]
  let semanticHidden: Convolution3x3
  let semantic: Linear
  let instanceHidden: Convolution3x3
  let centre: Linear
  let offset: Linear

  /// - Parameter pixels: normalised, 3 channels
  func callAsFunction(_ pixels: FeatureMap) -> Fields {
    var map = pixels
    for convolution in stem { map = convolution(map, activation: .relu) }
    var levels: [FeatureMap] = []
    for stage in stages {
      map = stage(map)
      levels.append(map)
    }
    var up = lateral[3].map(levels[3])
    for level in [2, 1, 0] {
      let sum = lateral[level].map(levels[level], adding: up.repeated())
      up = smooth[level](sum, activation: .relu)
    }
    let instance = instanceHidden(up, activation: .relu)
    return Fields(
      semantic: semantic.map(semanticHidden(up, activation: .relu)), centre: centre.map(instance),
      offset: offset.map(instance))
  }
}

extension Linear {
  /// A 1×1 convolution.
  fileprivate func map(_ map: FeatureMap, adding other: FeatureMap? = nil) -> FeatureMap {
    FeatureMap(height: map.height, width: map.width, values: self(map.values, residual: other?.values))
  }
}

extension FeatureMap {
  /// Each position four times.
  fileprivate func repeated() -> FeatureMap {
    let (height, width, channels) = (height, width, channels)
    let source = self.values
    let values = Tensor(shape: [4 * height * width, channels]) { out in
      source.read { values in
        for y in 0..<2 * height {
          for x in 0..<2 * width {
            (out + (y * 2 * width + x) * channels).update(
              from: values + (y / 2 * width + x / 2) * channels, count: channels)
          }
        }
      }
    }
    return FeatureMap(height: 2 * height, width: 2 * width, values: values)
  }
}
