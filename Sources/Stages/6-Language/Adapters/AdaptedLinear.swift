import Checkpoints
import CKernels
public import Tensors

/// A linear layer: a base matrix, and beside it any number of low-rank adapters.
public struct AdaptedLinear: Sendable {
  /// [outputs, inputs], 4-bit or as the file has it.
  public let base: QuantizedMatrix
  /// [outputs]
  public let bias: Tensor?
  /// By the position of the adapter's name in the decoder's list; nil where an adapter leaves this layer alone.
  var adapters: [LowRankAdapter?] = []

  /// The last axis of what goes in.
  public var inputs: Int { base.columns }
  /// The last axis of what comes out.
  public var outputs: Int { base.rows }

  /// Without adapters.
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

/// A low-rank pair beside a linear layer: what it adds is gain · scale · B · (A · x) (LoRA, arXiv 2106.09685).
public struct LowRankAdapter: Sendable {
  /// [rank, inputs], 16-bit, or as the file has it.
  let a: QuantizedMatrix
  /// Transposed, [rank, outputs], 16-bit, so that a product reads whole rows.
  let b: QuantizedMatrix
  /// alpha / rank, or alpha / √rank.
  let scale: Float
  let scope: AdapterScope
  /// Where `a` lies, if that is a file.
  private let source: Checkpoint.Entry?

  /// The inner width.
  public var rank: Int { a.rows }
  /// The last axis of what goes in.
  public var inputs: Int { a.columns }
  /// The last axis of what comes out.
  public var outputs: Int { b.columns }

  /// - Parameters:
  ///   - a: [rank, inputs]
  ///   - b: [outputs, rank]
  public init(a: Tensor, b: Tensor, scale: Float, scope: AdapterScope = AdapterScope()) {
    self.init(a: QuantizedMatrix(a, format: .f16), from: nil, b: b, scale: scale, scope: scope)
  }

  /// The same with a half that stays where it lies.
  init(a: QuantizedMatrix, from source: Checkpoint.Entry?, b: Tensor, scale: Float, scope: AdapterScope) {
    precondition(b.shape.count == 2 && a.rows == b.shape[1])
    self.a = a
    self.b = QuantizedMatrix(Self.transposed(b), format: .f16)
    self.scale = scale
    self.scope = scope
    self.source = source
  }

  /// Lets the system take back the memory of what lies in a file, until it is read again.
  func rest() {
    if let source { source.file.release(source.range) }
  }

  private static func transposed(_ b: Tensor) -> Tensor {
    let (outputs, rank) = (b.shape[0], b.shape[1])
    return Tensor(shape: [rank, outputs]) { out in
      b.read { b in
        for row in 0..<outputs {
          for column in 0..<rank { out[column * outputs + row] = b[row * rank + column] }
        }
      }
    }
  }

  /// out += gain · scale · x · Aᵀ · Bᵀ
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - out: [rows, outputs] with `stride` between rows
  func add(
    to out: UnsafeMutablePointer<Float>, stride: Int, x: UnsafePointer<Float>, rows: Int, gain: Float
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * rank) { reduced in
      guard let reduced = reduced.baseAddress else { return }
      QuantizedMatrix.multiply([(a, reduced)], x: x, count: rows, stride: rank)
      for index in 0..<rows * rank { reduced[index] *= gain * scale }
      if rows <= FewRows.most {
        b.withKernelMatrix { matrix in
          withUnsafePointer(to: matrix) { matrix in
            for row in 0..<rows {
              kernels.add_scaled_rows(matrix, reduced + row * rank, 0, outputs, out + row * stride)
            }
          }
        }
      } else {
        let grain = Parallel.balancedGrain(outputs, target: 512)
        withScratch(rank * outputs) { expanded in
          b.dequantize(0..<rank, into: expanded)
          Parallel.forEachRange(outputs, grain: grain) { range in
            matrixProduct(
              MatrixView(reduced, stride: rank), MatrixView(expanded + range.lowerBound, stride: outputs),
              transposed: false, rows: rows, columns: range.count, inner: rank, accumulate: true,
              into: out + range.lowerBound, stride: stride)
          }
        }
      }
    }
  }
}

/// Which rows of a sequence an adapter changes, and what it looks at.
public struct AdapterScope: Sendable, Hashable {
  /// At which positions an adapter works.
  public enum Tokens: Sendable, Hashable {
    case all
    /// Only the rows of the picture (CoLLaVO's `Plora_A`, `Plora_B`).
    case image
  }

  /// What an adapter reads.
  public enum Input: Sendable, Hashable {
    /// What goes into the layer itself.
    case hidden
    /// The crayon features of the picture's rows, the same at every layer (CoLLaVO's `Plora_seg`).
    case crayon
  }

  /// At which positions it works.
  public var tokens: Tokens
  /// What it reads.
  public var input: Input

  /// Memberwise.
  public init(tokens: Tokens = .all, input: Input = .hidden) {
    self.tokens = tokens
    self.input = input
  }
}

/// How strongly each adapter of a model works in one request: part of the request, not of the model, so that
/// requests with different gains run side by side. 0 switches an adapter off at no cost.
public struct AdapterGains: Sendable, Equatable {
  /// By adapter; one that is not named adds nothing.
  public var gains: [String: Float]

  /// Memberwise.
  public init(_ gains: [String: Float] = [:]) { self.gains = gains }

  /// No adapter works.
  public static let none = AdapterGains()
}

/// The adapters that work in one pass over some rows of a sequence, resolved against a decoder's list.
struct ActiveAdapters {
  /// Position in the decoder's list, and gain; never 0.
  let gains: [(index: Int, gain: Float)]
  /// Those of the pass's rows that are the picture's.
  let imageRows: Range<Int>
  /// The crayon features of these rows. [imageRows.count, width]
  let crayon: Tensor?

  static let none = ActiveAdapters(gains: [], imageRows: 0..<0, crayon: nil)

  func apply(
    _ adapter: LowRankAdapter, gain: Float, x: UnsafePointer<Float>, inputs: Int, rows: Int,
    into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let affected = adapter.scope.tokens == .all ? 0..<rows : imageRows
    guard !affected.isEmpty else { return }
    let start = out + affected.lowerBound * stride
    switch adapter.scope.input {
    case .hidden:
      adapter.add(
        to: start, stride: stride, x: x + affected.lowerBound * inputs, rows: affected.count, gain: gain)
    case .crayon:
      crayon?.read { adapter.add(to: start, stride: stride, x: $0, rows: affected.count, gain: gain) }
    }
  }
}
