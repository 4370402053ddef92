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
    let products = layers.map { (matrix: $0.layer.base, out: out + $0.column) }
    let isOneRow = rows == 1
    if isOneRow {
      applyToOne(layers, products, to: x, stride: stride, adapting: adapting)
    } else {
      QuantizedMatrix.multiply(products, x: x, count: rows, stride: stride)
    }
    for (layer, column) in layers {
      layer.bias?.read {
        kernels.bias_activation(
          out + column, rows, layer.outputs, stride, $0, CK_ACTIVATION_NONE, nil, 0)
      }
      for (index, gain) in adapting.gains {
        guard let adapter = layer.adapter(index), !(isOneRow && adapter.scope == AdapterScope()) else {
          continue
        }
        adapting.apply(
          adapter, gain: gain, x: x, inputs: layer.inputs, rows: rows, into: out + column, stride: stride)
      }
    }
  }

  /// The products with one row, and what adapters of every token add to them, in one go: while words are written,
  /// each step by itself is shorter than a second thread's wake-up.
  private static func applyToOne(
    _ layers: [(layer: AdaptedLinear, column: Int)],
    _ products: [(matrix: QuantizedMatrix, out: UnsafeMutablePointer<Float>)], to x: UnsafePointer<Float>,
    stride: Int, adapting: ActiveAdapters
  ) {
    let pairs = layers.enumerated().flatMap { position, entry in
      adapting.gains.compactMap { index, gain -> (product: Int, adapter: LowRankAdapter, gain: Float)? in
        guard let adapter = entry.layer.adapter(index), adapter.scope == AdapterScope() else { return nil }
        return (position, adapter, gain)
      }
    }
    guard !pairs.isEmpty else { return QuantizedMatrix.multiply(products, x: x, count: 1, stride: stride) }
    let ranks = pairs.reduce(0) { $0 + $1.adapter.rank }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: ranks) { reduced in
      guard var next = reduced.baseAddress else { return }
      let starts = pairs.map { pair in
        defer { next += pair.adapter.rank }
        return next
      }
      QuantizedMatrix.multiply(
        zip(pairs, starts).map { ($0.adapter.a, $1) }, x: x, count: 1, stride: ranks)
      for (pair, start) in zip(pairs, starts) {
        for index in 0..<pair.adapter.rank { start[index] *= pair.gain * pair.adapter.scale }
      }
      QuantizedMatrix.multiply(
        products, x: x, count: 1, stride: stride,
        adding: zip(pairs, starts).map { QuantizedMatrix.Addition(to: $0.product, $0.adapter.b, factors: $1) })
    }
  }

  private func adapter(_ index: Int) -> LowRankAdapter? { index < adapters.count ? adapters[index] : nil }
}
