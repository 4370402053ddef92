public import Tensors

/// Scaled dot-product attention with several heads, as `torch.nn.MultiheadAttention` for one picture. Heads may be
/// narrower than what comes in and goes out, as SAM's are.
public struct MultiHeadAttention: Sendable {
  public let heads: Int
  public let query: Linear
  public let key: Linear
  public let value: Linear
  public let output: Linear

  /// - Precondition: `heads` divides the width.
  public init(heads: Int, query: Linear, key: Linear, value: Linear, output: Linear) {
    precondition(query.outputs % heads == 0 && query.outputs == key.outputs)
    self.heads = heads
    self.query = query
    self.key = key
    self.value = value
    self.output = output
  }

  /// - Parameters:
  ///   - queries: [Q, width], with their positions added where they have any
  ///   - keys: [K, width], likewise
  ///   - values: [K, width]
  ///   - mask: [Q, K], added to the logits of every head; −∞ forbids. A row may not be −∞ throughout.
  ///   - residual: [Q, width], added to the result where there is one
  /// - Returns: [Q, width]
  public func callAsFunction(
    queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor? = nil, residual: Tensor? = nil
  ) -> Tensor {
    let q = query(queries)
    let k = key(keys)
    let v = value(values)
    let (rows, columns, width) = (q.shape[0], k.shape[0], q.shape[1])
    let headWidth = width / heads
    let scale = 1 / Float(headWidth).squareRoot()
    // Few enough queries at a time that their logits stay in the cache.
    let grain = max(1, min(rows, 1 << 18 / columns))
    let pieces = (rows + grain - 1) / grain
    let attended = Tensor(shape: [rows, width]) { out in
      withValues(of: q, k, v) { q, k, v in
        mask.read { mask in
          Parallel.forEach(heads * pieces) { index in
            let column = index / pieces * headWidth
            let row = index % pieces * grain
            let height = min(grain, rows - row)
            withScratch(height * columns) { logits in
              matrixProduct(
                MatrixView(q + row * width + column, stride: width),
                MatrixView(k + column, stride: width), transposed: true, rows: height,
                columns: columns, inner: headWidth, into: logits, stride: columns)
              kernels.softmax(logits, height, columns, scale, nil, mask.map { $0 + row * columns })
              matrixProduct(
                MatrixView(logits, stride: columns), MatrixView(v + column, stride: width),
                transposed: false, rows: height, columns: headWidth, inner: columns,
                into: out + row * width + column, stride: width)
            }
          }
        }
      }
    }
    return output(attended, residual: residual)
  }
}
