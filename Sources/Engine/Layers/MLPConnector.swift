public import Checkpoints
public import Tensors

/// What turns a picture's features into a language model's: one linear layer, or two with an exact GELU between
/// (LLaVA's projectors, CoLLaVO's `vision_proj`), and behind them a table of positions where a model has one.
public struct MLPConnector: Sendable {
  public let layers: [Linear]
  /// [rows, outputs], added behind the layers.
  public let positions: Tensor?

  public var inputs: Int { layers[0].inputs }
  public var outputs: Int { layers[layers.count - 1].outputs }

  /// - Precondition: one or two layers that fit each other, and positions that fit the last.
  public init(_ layers: [Linear], positions: Tensor? = nil) {
    precondition((1...2).contains(layers.count))
    precondition(layers.count == 1 || layers[0].outputs == layers[1].inputs)
    self.layers = layers
    self.positions = positions
    precondition(positions.map { $0.shape.count == 2 && $0.shape[1] == outputs } ?? true)
  }

  /// - Parameter x: [rows, inputs]; as many rows as there are positions, where there are any
  /// - Returns: [rows, outputs]
  public func callAsFunction(_ x: Tensor) -> Tensor { placed(placeless(x)) }

  /// The same wherever the rows stand: without positions.
  public func placeless(_ x: Tensor) -> Tensor {
    layers.count == 2 ? layers[1](layers[0](x, activation: .gelu)) : layers[0](x)
  }

  /// The positions added to what is ``placeless(_:)``.
  public func placed(_ rows: Tensor) -> Tensor { positions.map { rows + $0 } ?? rows }
}

extension MLPConnector {
  /// Two layers under the names `0` and `2`, as `torch.nn.Sequential` numbers them around the GELU.
  /// - Parameters:
  ///   - width: between the layers and behind them
  ///   - positions: a table [rows, width] taken elsewhere
  public init(_ weights: WeightReader, inputs: Int, width: Int, positions: Tensor? = nil) throws {
    self.init(
      [
        try Linear(weights.scoped("0"), inputs: inputs, outputs: width),
        try Linear(weights.scoped("2"), inputs: width, outputs: width),
      ], positions: positions)
  }

  /// One layer that is named itself (`mm_projector` of NExT-Chat).
  public init(single weights: WeightReader, inputs: Int, width: Int) throws {
    self.init([try Linear(weights, inputs: inputs, outputs: width)])
  }
}
