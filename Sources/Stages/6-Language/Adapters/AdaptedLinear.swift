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
    var pairs = layers.enumerated().flatMap { position, entry in
      adapting.gains.compactMap { index, gain in
        entry.layer.adapter(index).map { AdapterPair(layer: position, adapter: $0, gain: gain) }
      }
    }
    var additions: [QuantizedMatrix.Addition] = []
    if rows == 1 {
      additions = pairs.filter { $0.adapter.scope == AdapterScope() }.map {
        QuantizedMatrix.Addition(to: $0.layer, $0.adapter.a, $0.adapter.b, factor: $0.factor)
      }
      pairs.removeAll { $0.adapter.scope == AdapterScope() }
    }
    QuantizedMatrix.multiply(
      layers.map { (matrix: $0.layer.base, out: out + $0.column) }, x: x, count: rows, stride: stride,
      adding: additions)
    for (layer, column) in layers {
      layer.bias?.read {
        kernels.bias_activation(
          out + column, rows, layer.outputs, stride, $0, CK_ACTIVATION_NONE, nil, 0)
      }
    }
    let outs = layers.map { out + $0.column }
    while let scope = pairs.first?.adapter.scope {
      adapting.add(pairs.filter { $0.adapter.scope == scope }, x: x, rows: rows, into: outs, stride: stride)
      pairs.removeAll { $0.adapter.scope == scope }
    }
  }

  private func adapter(_ index: Int) -> LowRankAdapter? { index < adapters.count ? adapters[index] : nil }
}
