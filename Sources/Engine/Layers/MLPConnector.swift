public import Checkpoints
public import Tensors

/// What turns a picture's features into a language model's: one linear layer, or several with an exact GELU between
/// (LLaVA's and NExT-Chat's projectors, CoLLaVO's `vision_proj`), and behind them a table of positions where a model has one.
public struct MLPConnector: Sendable {
  public let layers: [Linear]
  /// [rows, outputs], added behind the layers.
  public let positions: Tensor?

  public var inputs: Int { layers[0].inputs }
  public var outputs: Int { layers[layers.count - 1].outputs }

  /// - Precondition: at least one layer, layers that fit each other, and positions that fit the last.
  public init(_ layers: [Linear], positions: Tensor? = nil) {
    precondition(!layers.isEmpty && zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs })
    self.layers = layers
    self.positions = positions
    precondition(positions.map { $0.shape.count == 2 && $0.shape[1] == outputs } ?? true)
  }

  /// - Parameter x: [rows, inputs]; as many rows as there are positions, where there are any
  /// - Returns: [rows, outputs]
  public func callAsFunction(_ x: Tensor) -> Tensor { placed(placeless(x)) }

  /// The same wherever the rows stand: without positions.
  public func placeless(_ x: Tensor) -> Tensor {
    layers[layers.count - 1](layers.dropLast().reduce(x) { $1($0, activation: .gelu) })
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

  /// As many layers as the names say: one that has the scope's own name, or `0`, `2`, `4`, … (`mm_projector` of
  /// NExT-Chat).
  /// - Parameter depth: how many there must be; nil for as many as there are
  public init(named weights: WeightReader, depth: Int? = nil, inputs: Int, width: Int) throws {
    let depth = depth ?? Self.depth(of: weights)
    guard depth > 1 else {
      self.init([try Linear(weights, inputs: inputs, outputs: width)])
      return
    }
    self.init(
      try (0..<depth).map { index in
        try Linear(weights.scoped("\(2 * index)"), inputs: index == 0 ? inputs : width, outputs: width)
      })
  }

  /// How many layers a scope's names say; 0 where it has none.
  public static func depth(of weights: WeightReader) -> Int {
    if weights.has("weight") { return 1 }
    var depth = 0
    while depth < mostLayers, weights.has("\(2 * depth).weight") { depth += 1 }
    return depth
  }

  private static let mostLayers = 64
}
