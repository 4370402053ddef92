import Checkpoints
import Layers
import Tensors

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
