import CKernels
import Foundation
import Tensors

/// Causal attention of new positions over all positions so far.
struct Attention {
  let configuration: DecoderConfiguration
  let layout: HeadLayout

  /// - Parameters:
  ///   - projected: queries, keys and values of the new positions, [rows, projectionWidth]
  ///   - before: positions before the new ones
  ///   - keys, values: of all positions with the new ones, [before + rows, keyValueWidth]
  ///   - out: [rows, queryWidth]
  func run(
    _ projected: UnsafePointer<Float>, rows: Int, before: Int, keys: [Float], values: [Float],
    into out: UnsafeMutablePointer<Float>
  ) {
    keys.withUnsafeBufferPointer { keys in
      values.withUnsafeBufferPointer { values in
        guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
        if rows <= 4 {
          few(projected, rows: rows, before: before, keys: keys, values: values, into: out)
        } else {
          many(projected, rows: rows, before: before, keys: keys, values: values, into: out)
        }
      }
    }
  }

  private var scale: Float { 1 / sqrt(Float(configuration.headWidth)) }

  /// Row by row.
  private func few(
    _ projected: UnsafePointer<Float>, rows: Int, before: Int, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
  ) {
    let c = configuration
    let group = c.heads / c.keyValueHeads
    // A short context is done before a second thread has looked.
    let pieces = (before + rows) * c.queryWidth * rows < 1 << 14 ? 1 : rows * c.heads
    let grain = (rows * c.heads + pieces - 1) / pieces
    Parallel.forEachRange(rows * c.heads, grain: grain) { range in
      withScratch(before + rows) { scores in
        for index in range {
          let (row, head) = (index / c.heads, index % c.heads)
          let shared = head / group * c.headWidth
          kernels.attend_row(
            projected + row * c.projectionWidth + layout.query(head, c), keys + shared, values + shared,
            c.keyValueWidth, before + row + 1, c.headWidth, scale, scores,
            out + row * c.queryWidth + head * c.headWidth)
        }
      }
    }
  }

  /// Head by head, as matrix products; a row's scores beyond its own position are zero.
  private func many(
    _ projected: UnsafePointer<Float>, rows: Int, before: Int, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
  ) {
    let c = configuration
    let group = c.heads / c.keyValueHeads
    let length = before + rows
    Parallel.forEach(c.heads) { head in
      withScratch(length * rows) { scores in
        let shared = head / group * c.headWidth
        let queries = MatrixView(projected + layout.query(head, c), stride: c.projectionWidth)
        matrixProduct(
          queries, MatrixView(keys + shared, stride: c.keyValueWidth), transposed: true, rows: rows,
          columns: length, inner: c.headWidth, into: scores, stride: length)
        for row in 0..<rows {
          let seen = before + row + 1
          kernels.softmax(scores + row * length, 1, seen, scale, nil, nil)
          (scores + row * length + seen).update(repeating: 0, count: length - seen)
        }
        matrixProduct(
          MatrixView(scores, stride: length), MatrixView(values + shared, stride: c.keyValueWidth),
          transposed: false, rows: rows, columns: c.headWidth, inner: length,
          into: out + head * c.headWidth, stride: c.queryWidth)
      }
    }
  }
}
