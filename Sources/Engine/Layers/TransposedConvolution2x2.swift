public import Tensors

/// Doubles a map's sides: every position becomes a square of four by a matrix each, as `torch.nn.ConvTranspose2d` with
/// a kernel and a stride of 2.
public struct TransposedConvolution2x2: Sendable {
  /// To the four positions one after the other, row by row: [inputs] → [4 · outputs]
  private let linear: Linear

  public var inputs: Int { linear.inputs }
  public var outputs: Int { linear.outputs / 4 }

  /// - Parameters:
  ///   - weight: [inputs, outputs, 2, 2], as torch keeps it
  ///   - bias: [outputs]
  public init(weight: Tensor, bias: Tensor) {
    precondition(weight.shape.count == 4 && weight.shape[2...] == [2, 2])
    let (inputs, outputs) = (weight.shape[0], weight.shape[1])
    precondition(bias.shape == [outputs])
    let matrix = Tensor(shape: [4 * outputs, inputs]) { to in
      weight.read { from in
        for input in 0..<inputs {
          for output in 0..<outputs {
            for place in 0..<4 {
              to[(place * outputs + output) * inputs + input] = from[(input * outputs + output) * 4 + place]
            }
          }
        }
      }
    }
    let values = bias.values
    linear = Linear(
      weight: matrix, bias: Tensor(values + values + values + values, shape: [4 * outputs]))
  }

  public func callAsFunction(_ map: FeatureMap, activation: Activation = .none) -> FeatureMap {
    let (height, width, outputs) = (map.height, map.width, outputs)
    let squares = linear(map.values, activation: activation)
    let values = Tensor(shape: [4 * height * width, outputs]) { out in
      squares.read { squares in
        Parallel.forEachRange(height, grain: 8) { rows in
          for y in rows {
            for x in 0..<width {
              let from = squares + (y * width + x) * 4 * outputs
              let to = out + (2 * y * 2 * width + 2 * x) * outputs
              // Two neighbours, and the two below them.
              to.update(from: from, count: 2 * outputs)
              (to + 2 * width * outputs).update(from: from + 2 * outputs, count: 2 * outputs)
            }
          }
        }
      }
    }
    return FeatureMap(height: 2 * height, width: 2 * width, values: values)
  }
}
