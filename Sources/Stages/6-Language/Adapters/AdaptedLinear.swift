import CKernels
public import Tensors

/// A linear layer: a base matrix, and beside it any number of low-rank adapters.
public struct AdaptedLinear: Sendable {
  public let base: QuantizedMatrix
  /// [outputs]
  public let bias: Tensor?
  /// By the position of the adapter's name in the decoder's list; nil where an adapter leaves this layer alone.
  var adapters: [LowRankAdapter?] = []

  public var inputs: Int { base.columns }
  public var outputs: Int { base.rows }

  public init(_ base: QuantizedMatrix, bias: Tensor? = nil) {
    precondition(bias.map { $0.shape == [base.rows] } ?? true)
    self.base = base
    self.bias = bias
  }

  /// Applies layers of one input; results lie side by side in rows of `stride`.
  /// - Parameters:
  ///   - layers: with the column at which each one's result begins
  ///   - x: [rows, inputs]
  static func apply(
    _ layers: [(layer: AdaptedLinear, column: Int)], to x: UnsafePointer<Float>, rows: Int,
    into out: UnsafeMutablePointer<Float>, stride: Int, adapting: ActiveAdapters
  ) {
    QuantizedMatrix.multiply(
      layers.map { ($0.layer.base, out + $0.column) }, x: x, count: rows, stride: stride)
    for (layer, column) in layers {
      layer.bias?.read {
        kernels.bias_activation(
          out + column, rows, layer.outputs, stride, $0, CK_ACTIVATION_NONE, nil, 0)
      }
      for (index, gain) in adapting.gains {
        guard index < layer.adapters.count, let adapter = layer.adapters[index] else { continue }
        adapting.apply(
          adapter, gain: gain, x: x, inputs: layer.inputs, rows: rows, into: out + column, stride: stride)
      }
    }
  }
}
