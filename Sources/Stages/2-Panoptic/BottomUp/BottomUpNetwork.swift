import Checkpoints
import CrayonCore
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

extension BottomUpNetwork {
  /// Takes all tensors from a checkpoint; batch norms are folded into the convolutions there.
  /// - Throws: `CheckpointError` naming the tensor
  init(_ weights: WeightReader, _ c: BottomUpConfiguration) throws {
    func convolution(_ name: String, _ inputs: Int, _ outputs: Int, stride: Int = 1) throws -> Convolution3x3 {
      let scope = weights.scoped(name)
      return Convolution3x3(
        weight: try scope.tensor("weight", shape: [outputs, inputs, 3, 3]),
        bias: try scope.tensor("bias", shape: [outputs]), stride: stride)
    }
    func pointwise(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
      let scope = weights.scoped(name)
      let weight = try scope.tensor("weight", shape: [outputs, inputs, 1, 1])
      return Linear(
        weight: weight.reshaped([outputs, inputs]), bias: try scope.tensor("bias", shape: [outputs]))
    }
    stem = [
      try convolution("stem.0", 3, c.stem[0], stride: 2),
      try convolution("stem.1", c.stem[0], c.stem[1], stride: 2),
    ]
    stages = try c.widths.indices.map { stage in
      let width = c.widths[stage]
      return Stage(
        down: stage == 0
          ? nil : try convolution("stages.\(stage).down", c.widths[stage - 1], width, stride: 2),
        blocks: try (0..<c.blocks[stage]).map { block in
          Block(
            first: try convolution("stages.\(stage).blocks.\(block).conv1", width, width),
            second: try convolution("stages.\(stage).blocks.\(block).conv2", width, width))
        })
    }
    let decoder = c.decoderWidth
    lateral = try c.widths.enumerated().map { try pointwise("lateral.\($0)", $1, decoder) }
    smooth = try (0..<3).map { try convolution("smooth.\($0)", decoder, decoder) }
    semanticHidden = try convolution("semantic.0", decoder, decoder)
    semantic = try pointwise("semantic.1", decoder, c.categories.categories.count + 1)
    instanceHidden = try convolution("instance.0", decoder, decoder)
    centre = try pointwise("centre", decoder, 1)
    offset = try pointwise("offset", decoder, 2)
  }
}
