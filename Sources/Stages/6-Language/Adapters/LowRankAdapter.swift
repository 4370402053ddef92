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
