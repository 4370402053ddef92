public import Checkpoints
public import Tensors

/// Linear layers one behind the other, with a ReLU after each but the last.
public struct Perceptron: Sendable {
  public let layers: [Linear]

  public var inputs: Int { layers[0].inputs }
  public var outputs: Int { layers[layers.count - 1].outputs }

  /// - Precondition: at least one layer, and each fits the next.
  public init(_ layers: [Linear]) {
    precondition(!layers.isEmpty)
    precondition(zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs })
    self.layers = layers
  }

  /// Takes layers from a scope of a checkpoint.
  /// - Parameters:
  ///   - names: of the layers; `["0", "2"]` where `torch.nn.Sequential` counts the ReLU between
  ///   - widths: of what goes in, what lies between, and what comes out; one more than names
  public init(_ weights: WeightReader, names: [String], widths: [Int]) throws {
    precondition(widths.count == names.count + 1)
    self.init(
      try names.indices.map { index in
        try Linear(weights.scoped(names[index]), inputs: widths[index], outputs: widths[index + 1])
      })
  }

  /// x [rows, inputs] → [rows, outputs]
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = layer(x, activation: index + 1 < layers.count ? .relu : .none)
    }
    return x
  }
}
