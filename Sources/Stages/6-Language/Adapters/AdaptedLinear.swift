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
  ///   - scale: alpha / rank, or alpha / √rank
  ///   - scope: which rows it changes, and what it reads; all, and what the layer itself reads, unless told
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
}

/// A low-rank pair at work beside one of several layers that share an input.
struct AdapterPair {
  /// The layer's position among them.
  let layer: Int
  let adapter: LowRankAdapter
  let gain: Float

  var factor: Float { gain * adapter.scale }

  /// The second halves of one layer's pairs, [inner, outputs].
  private struct Expansion {
    let out: UnsafeMutablePointer<Float>
    /// Where what they are multiplied by begins in a row of all first halves' results.
    let start: Int
    var inner: Int
    let outputs: Int
    let b: UnsafePointer<Float>
  }

  /// Adds what pairs of one input do to several rows. x goes through the first halves of all pairs at once, and from there
  /// through the second halves of each layer's pairs as one matrix.
  /// - Parameters:
  ///   - pairs: layer by layer
  ///   - x: [rows, inputs]
  ///   - outs: where the layers' results begin, their rows `stride` apart
  static func add(
    _ pairs: [AdapterPair], x: UnsafePointer<Float>, rows: Int, into outs: [UnsafeMutablePointer<Float>],
    stride: Int
  ) {
    let ranks = pairs.map(\.adapter.rank)
    let starts = ranks.indices.map { ranks[..<$0].reduce(0, +) }
    let rank = ranks.reduce(0, +)
    withScratch(rows * rank) { reduced in
      QuantizedMatrix.multiply(
        zip(pairs, starts).map { ($0.adapter.a, reduced + $1) }, x: x, count: rows, stride: rank)
      withScratch(pairs.reduce(0) { $0 + $1.adapter.rank * $1.adapter.outputs }) { expanded in
        var layers: [Expansion] = []
        var next = expanded
        for (index, pair) in pairs.enumerated() {
          let b = pair.adapter.b
          b.dequantize(0..<b.rows, into: next)
          if index > 0, pairs[index - 1].layer == pair.layer {
            layers[layers.count - 1].inner += b.rows
          } else {
            layers.append(
              Expansion(
                out: outs[pair.layer], start: starts[index], inner: b.rows, outputs: b.columns,
                b: UnsafePointer(next)))
          }
          next += b.rows * b.columns
        }
        Parallel.forEachRange(rows, grain: Parallel.balancedGrain(rows, target: 96)) { range in
          for row in range {
            for (pair, start) in zip(pairs, starts) {
              let values = reduced + row * rank + start
              for index in 0..<pair.adapter.rank { values[index] *= pair.factor }
            }
          }
          for layer in layers {
            matrixProduct(
              MatrixView(reduced + range.lowerBound * rank + layer.start, stride: rank),
              MatrixView(layer.b, stride: layer.outputs), transposed: false, rows: range.count,
              columns: layer.outputs, inner: layer.inner, accumulate: true,
              into: layer.out + range.lowerBound * stride, stride: stride)
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

  /// Adds what pairs of one scope do, to those of some rows that they are meant for.
  /// - Parameters:
  ///   - pairs: one at least
  ///   - x: the layers' input, [rows, inputs]
  ///   - outs: where the layers' results begin, their rows `stride` apart
  func add(
    _ pairs: [AdapterPair], x: UnsafePointer<Float>, rows: Int, into outs: [UnsafeMutablePointer<Float>],
    stride: Int
  ) {
    let (scope, inputs) = (pairs[0].adapter.scope, pairs[0].adapter.inputs)
    let affected = scope.tokens == .all ? 0..<rows : imageRows
    guard !affected.isEmpty else { return }
    let starts = outs.map { $0 + affected.lowerBound * stride }
    switch scope.input {
    case .hidden:
      AdapterPair.add(
        pairs, x: x + affected.lowerBound * inputs, rows: affected.count, into: starts, stride: stride)
    case .crayon:
      crayon?.read { AdapterPair.add(pairs, x: $0, rows: affected.count, into: starts, stride: stride) }
    }
  }
}
