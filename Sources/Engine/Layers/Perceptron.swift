import CKernels
public import Checkpoints
public import Tensors

/// The function that a layer ends in.
public enum Activation: Sendable, Equatable {
  case none
  case relu
  /// A tenth of what is below zero.
  case leakyReLU
  /// The exact Gaussian error linear unit, x · Φ(x).
  case gelu
  case sigmoid
  /// x · sigmoid(1.702 x), which the CLIP models of OpenAI were trained with.
  case quickGELU

  var kernel: ck_activation {
    switch self {
    case .none: CK_ACTIVATION_NONE
    case .relu: CK_ACTIVATION_RELU
    case .leakyReLU: CK_ACTIVATION_LEAKY_RELU
    case .gelu: CK_ACTIVATION_GELU
    case .sigmoid: CK_ACTIVATION_SIGMOID
    case .quickGELU: CK_ACTIVATION_QUICK_GELU
    }
  }
}

extension Activation {
  /// The function of every value.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var result = x
    let width = x.shape.last ?? 1
    result.write { values in
      Parallel.forEachRange(x.count / max(width, 1), grain: max(1, (1 << 16) / max(width, 1))) { rows in
        kernels.bias_activation(
          values + rows.lowerBound * width, rows.count, width, width, nil, kernel, nil, 0)
      }
    }
    return result
  }
}

extension Tensor {
  /// The sum of two tensors of one shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.shape == b.shape)
    let count = a.count
    return Tensor(shape: a.shape) { out in
      withValues(of: a, b) { a, b in
        Parallel.forEachRange(count, grain: 1 << 16) { range in
          for index in range { out[index] = a[index] + b[index] }
        }
      }
    }
  }
}

/// Linear layers one behind the other, with a ReLU after each but the last.
public struct Perceptron: Sendable {
  /// In the order of the data.
  public let layers: [Linear]

  /// Values of a row that goes in.
  public var inputs: Int { layers[0].inputs }
  /// Values of a row that comes out.
  public var outputs: Int { layers[layers.count - 1].outputs }

  /// - Precondition: at least one layer, and each fits the next.
  public init(_ layers: [Linear]) {
    precondition(!layers.isEmpty)
    precondition(zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs })
    self.layers = layers
  }

  /// Takes layers from a scope of a checkpoint.
  /// - Parameters:
  ///   - weights: the scope that the names are in
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

/// What turns a picture's features into a language model's: one linear layer, or several with an exact GELU between
/// (LLaVA's and NExT-Chat's projectors, CoLLaVO's `vision_proj`), and behind them a table of positions where a model has one.
public struct MLPConnector: Sendable {
  /// In the order of the data.
  public let layers: [Linear]
  /// [rows, outputs], added behind the layers.
  public let positions: Tensor?

  /// Values of a row that goes in.
  public var inputs: Int { layers[0].inputs }
  /// Values of a row that comes out.
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
  ///   - weights: the scope that both layers are in
  ///   - inputs: values of a row that goes in
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
  /// - Parameters:
  ///   - weights: the scope that the layers are in, or that is the one layer's own
  ///   - depth: how many there must be; nil for as many as there are
  ///   - inputs: values of a row that goes in
  ///   - width: between the layers and behind them
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
