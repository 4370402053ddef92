import CKernels
import Layers
import Tensors

/// Attention within square windows of tokens, with a learned bias for every difference of rows and of columns between
/// query and key that depends on the query (decomposed relative positions, MViTv2, arXiv 2112.01526, section 4.1).
struct SAMAttention: Sendable {
  let heads: Int
  /// Queries, keys and values below each other.
  let input: Linear
  let output: Linear
  /// Of a window, in tokens.
  let side: Int
  /// Row differences, then column differences, from the largest down, so that a query's keys find theirs in order:
  /// [2 · (2 · side − 1), head width]
  let differences: Tensor

  /// - Parameters:
  ///   - rows: by how far the query's row is below the key's, from 1 − side up; [2 · side − 1, head width]
  ///   - columns: likewise
  init(heads: Int, input: Linear, output: Linear, side: Int, rows: Tensor, columns: Tensor) {
    self.heads = heads
    self.input = input
    self.output = output
    self.side = side
    let (count, width) = (2 * side - 1, rows.shape[1])
    differences = Tensor(shape: [2 * count, width]) { out in
      withValues(of: rows, columns) { rows, columns in
        for index in 0..<count {
          (out + index * width).update(from: rows + (count - 1 - index) * width, count: width)
          (out + (count + index) * width).update(
            from: columns + (count - 1 - index) * width, count: width)
        }
      }
    }
  }

  /// x [windows · side², width], one window after the other → the same shape
  func callAsFunction(_ x: Tensor, residual: Tensor? = nil) -> Tensor {
    let tokens = side * side
    let windows = x.shape[0] / tokens
    let width = input.outputs / 3
    let projected = input(x)
    // Whole rows of queries, few enough that their logits stay in the cache.
    let queryRows = max(1, min(side, (1 << 18) / (tokens * side)))
    let pieces = (side + queryRows - 1) / queryRows
    let attended = Tensor(shape: [x.shape[0], width]) { out in
      projected.read { projected in
        Parallel.forEach(windows * heads * pieces) { index in
          let first = index % pieces * queryRows
          let window = index / pieces / heads
          let head = index / pieces % heads
          attend(
            projected + window * tokens * 3 * width, head: head, rows: first..<min(side, first + queryRows),
            width: width, into: out + window * tokens * width)
        }
      }
    }
    return output(attended, residual: residual)
  }

  /// Some rows of one window's queries, in one head.
  private func attend(
    _ projected: UnsafePointer<Float>, head: Int, rows: Range<Int>, width: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    let tokens = side * side
    let headWidth = width / heads
    let count = rows.count * side
    let query = projected + rows.lowerBound * side * 3 * width + head * headWidth
    let key = projected + width + head * headWidth
    let value = projected + 2 * width + head * headWidth
    let span = 2 * side - 1
    withScratch(count * (tokens + 2 * span)) { logits in
      let biases = logits + count * tokens
      differences.read {
        matrixProduct(
          MatrixView(query, stride: 3 * width), MatrixView($0, stride: headWidth), transposed: true,
          rows: count, columns: 2 * span, inner: headWidth, into: biases, stride: 2 * span)
      }
      for index in 0..<count {
        let (row, column) = (rows.lowerBound + index / side, index % side)
        kernels.outer_sum(
          biases + index * 2 * span + side - 1 - row, side,
          biases + index * 2 * span + span + side - 1 - column, side, logits + index * tokens)
      }
      matrixProduct(
        MatrixView(query, stride: 3 * width), MatrixView(key, stride: 3 * width), transposed: true,
        rows: count, columns: tokens, inner: headWidth, alpha: 1 / Float(headWidth).squareRoot(),
        accumulate: true, into: logits, stride: tokens)
      kernels.softmax(logits, count, tokens, 1, nil, nil)
      matrixProduct(
        MatrixView(logits, stride: tokens), MatrixView(value, stride: 3 * width), transposed: false,
        rows: count, columns: headWidth, inner: tokens,
        into: out + rows.lowerBound * side * width + head * headWidth, stride: width)
    }
  }
}
