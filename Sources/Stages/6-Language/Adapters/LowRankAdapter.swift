import Checkpoints
import CKernels
public import Tensors

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

  public var rank: Int { a.rows }
  public var inputs: Int { a.columns }
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
