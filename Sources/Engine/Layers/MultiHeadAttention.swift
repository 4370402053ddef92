import CKernels
public import Tensors

/// Scaled dot-product attention with several heads, as `torch.nn.MultiheadAttention` for one picture. Heads may be
/// narrower than what comes in and goes out, as SAM's are.
public struct MultiHeadAttention: Sendable {
  /// Each has its part of the channels.
  public let heads: Int
  /// Projection of the tokens that ask.
  public let query: Linear
  /// Projection of the tokens that are compared with.
  public let key: Linear
  /// Projection of the tokens that are averaged.
  public let value: Linear
  /// Projection of the heads' results, joined.
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

/// Attention between a few tokens and many positions. Of the two sides of a head's product, q · (W k) = (Wᵀ q) · k, the
/// matrix goes to the side of the tokens, and behind the sum likewise: positions are multiplied by one vector for each
/// head and token, and not by whole matrices.
///
/// Where tokens and heads together are more than the attention is wide, nothing would be saved, and the usual way is
/// taken.
extension MultiHeadAttention {
  /// A few queries look at many keys.
  /// - Parameters:
  ///   - queries: [Q, width], with their positions added where they have any
  ///   - keys: [K, width], likewise
  ///   - values: [K, width]
  ///   - residual: [Q, width], added to the result where there is one
  /// - Returns: [Q, width]
  public func fewQueries(
    _ queries: Tensor, keys: Tensor, values: Tensor, residual: Tensor? = nil
  ) -> Tensor {
    let (rows, positions) = (queries.shape[0] * heads, keys.shape[0])
    guard rows < query.outputs else {
      return self(queries: queries, keys: keys, values: values, residual: residual)
    }
    // The keys' bias shifts all logits of a query alike, which is nothing to a softmax.
    let asked = expanded(query(queries), by: key)
    let width = values.shape[1]
    let seen = Tensor(shape: [rows, width]) { seen in
      withScratch(rows * positions) { logits in
        withValues(of: asked, keys, values) { asked, keys, values in
          Parallel.forEachRange(positions, grain: 512) { range in
            matrixProduct(
              MatrixView(asked, stride: key.inputs),
              MatrixView(keys + range.lowerBound * key.inputs, stride: key.inputs), transposed: true,
              rows: rows, columns: range.count, inner: key.inputs, into: logits + range.lowerBound,
              stride: positions)
          }
          Parallel.forEachRange(rows, grain: 8) { range in
            kernels.softmax(
              logits + range.lowerBound * positions, range.count, positions, scale, nil, nil)
          }
          Parallel.forEachRange(width, grain: 64) { range in
            matrixProduct(
              MatrixView(logits, stride: positions), MatrixView(values + range.lowerBound, stride: width),
              transposed: false, rows: rows, columns: range.count, inner: positions,
              into: seen + range.lowerBound, stride: width)
          }
        }
      }
    }
    return output(contracted(seen), residual: residual)
  }

  /// Many queries look at a few keys.
  /// - Parameters:
  ///   - queries: [Q, width], with their positions added where they have any
  ///   - keys: [K, width], likewise
  ///   - values: [K, width]
  ///   - residual: [Q, width], added to the result where there is one
  /// - Returns: [Q, width]
  public func fewKeys(
    _ queries: Tensor, keys: Tensor, values: Tensor, residual: Tensor? = nil
  ) -> Tensor {
    let (tokens, positions) = (keys.shape[0], queries.shape[0])
    let rows = tokens * heads
    guard rows < query.outputs else {
      return self(queries: queries, keys: keys, values: values, residual: residual)
    }
    let k = key(keys)
    let offered = expanded(k, by: query)
    let shifts = query.bias.map { expanded(k, by: Linear(weight: $0.reshaped([$0.count, 1]), bias: nil)) }
    let told = told(value(values))
    let (inputs, width) = (query.inputs, output.outputs)
    return Tensor(shape: [positions, width]) { out in
      withValues(of: queries, offered, told) { queries, offered, told in
        shifts.read { shifts in
          output.bias.read { bias in
            residual.read { residual in
              Parallel.forEachRange(positions, grain: 512) { range in
                withScratch(range.count * rows) { logits in
                  matrixProduct(
                    MatrixView(queries + range.lowerBound * inputs, stride: inputs),
                    MatrixView(offered, stride: inputs), transposed: true, rows: range.count, columns: rows,
                    inner: inputs, into: logits, stride: rows)
                  kernels.bias_activation(logits, range.count, rows, rows, shifts, CK_ACTIVATION_NONE, nil, 0)
                  kernels.softmax(logits, range.count * heads, tokens, scale, nil, nil)
                  let start = range.lowerBound * width
                  matrixProduct(
                    MatrixView(logits, stride: rows), MatrixView(told, stride: width), transposed: false,
                    rows: range.count, columns: width, inner: rows, into: out + start, stride: width)
                  kernels.bias_activation(
                    out + start, range.count, width, width, bias, CK_ACTIVATION_NONE,
                    residual.map { $0 + start }, width)
                }
              }
            }
          }
        }
      }
    }
  }

  private var headWidth: Int { query.outputs / heads }
  private var scale: Float { 1 / Float(headWidth).squareRoot() }

  /// What tokens [T, inner] are on the other side of a layer, for each head: [heads · T, inputs]
  private func expanded(_ tokens: Tensor, by layer: Linear) -> Tensor {
    let (count, inner, inputs) = (tokens.shape[0], tokens.shape[1], layer.inputs)
    return Tensor(shape: [heads * count, inputs]) { out in
      withValues(of: tokens, layer.weight.tensor) { tokens, weight in
        for head in 0..<heads {
          matrixProduct(
            MatrixView(tokens + head * headWidth, stride: inner),
            MatrixView(weight + head * headWidth * inputs, stride: inputs), transposed: false, rows: count,
            columns: inputs, inner: headWidth, into: out + head * count * inputs, stride: inputs)
        }
      }
    }
  }

  /// What each head saw [heads · T, inputs], through its part of the value's layer: [T, inner]
  private func contracted(_ seen: Tensor) -> Tensor {
    let (inner, inputs) = (value.outputs, value.inputs)
    let count = seen.shape[0] / heads
    return Tensor(shape: [count, inner]) { out in
      withValues(of: seen, value.weight.tensor) { seen, weight in
        for head in 0..<heads {
          matrixProduct(
            MatrixView(seen + head * count * inputs, stride: inputs),
            MatrixView(weight + head * (inner / heads) * inputs, stride: inputs), transposed: true, rows: count,
            columns: inner / heads, inner: inputs, into: out + head * (inner / heads), stride: inner)
        }
      }
      value.bias.read { kernels.bias_activation(out, count, inner, inner, $0, CK_ACTIVATION_NONE, nil, 0) }
    }
  }

  /// What values [T, inner] add to the output if a head attends to nothing else: [heads · T, outputs]
  private func told(_ values: Tensor) -> Tensor {
    let (count, inner, outputs) = (values.shape[0], values.shape[1], output.outputs)
    return Tensor(shape: [heads * count, outputs]) { out in
      withValues(of: values, output.weight.tensor) { values, weight in
        for head in 0..<heads {
          matrixProduct(
            MatrixView(values + head * (inner / heads), stride: inner),
            MatrixView(weight + head * (inner / heads), stride: inner), transposed: true, rows: count,
            columns: outputs, inner: inner / heads, into: out + head * count * outputs, stride: outputs)
        }
      }
    }
  }
}
