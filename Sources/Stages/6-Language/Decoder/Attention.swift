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
  ///   - cache: with keys and values of all positions, the new ones too
  ///   - out: [rows, queryWidth]
  func run(
    _ projected: UnsafePointer<Float>, rows: Int, before: Int, layer: Int, cache: KeyValueCache,
    into out: UnsafeMutablePointer<Float>
  ) {
    let c = configuration
    let group = c.heads / c.keyValueHeads
    let length = before + rows
    // A short context is done before a second thread has looked.
    let isShort = length * c.queryWidth * rows < 1 << 14
    Parallel.forEachRange(c.heads, grain: isShort ? c.heads : 1) { heads in
      for head in heads {
        cache.read(layer: layer, head: head / group) { keys, values in
          let queries = projected + layout.query(head, c)
          let out = out + head * c.headWidth
          if rows <= FewRows.most {
            few(queries, rows: rows, before: before, keys: keys, values: values, into: out)
          } else {
            many(queries, rows: rows, before: before, keys: keys, values: values, into: out)
          }
        }
      }
    }
  }

  private var scale: Float { 1 / sqrt(Float(configuration.headWidth)) }

  /// One head, row by row.
  private func few(
    _ queries: UnsafePointer<Float>, rows: Int, before: Int, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
  ) {
    let c = configuration
    withScratch(before + rows) { scores in
      for row in 0..<rows {
        kernels.attend_row(
          queries + row * c.projectionWidth, keys, values, c.headWidth, before + row + 1, c.headWidth, scale,
          scores, out + row * c.queryWidth)
      }
    }
  }

  /// One head, as matrix products over a few rows at a time, none of which sees far beyond its own position;
  /// what a row's scores have beyond it is set to zero.
  private func many(
    _ queries: UnsafePointer<Float>, rows: Int, before: Int, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
  ) {
    let c = configuration
    let piece = 128
    withScratch((before + rows) * min(piece, rows)) { scores in
      for first in stride(from: 0, to: rows, by: piece) {
        let count = min(piece, rows - first)
        let length = before + first + count
        matrixProduct(
          MatrixView(queries + first * c.projectionWidth, stride: c.projectionWidth),
          MatrixView(keys, stride: c.headWidth), transposed: true, rows: count, columns: length,
          inner: c.headWidth, into: scores, stride: length)
        for row in 0..<count {
          let seen = before + first + row + 1
          kernels.softmax(scores + row * length, 1, seen, scale, nil, nil)
          (scores + row * length + seen).update(repeating: 0, count: length - seen)
        }
        matrixProduct(
          MatrixView(scores, stride: length), MatrixView(values, stride: c.headWidth), transposed: false,
          rows: count, columns: c.headWidth, inner: length, into: out + first * c.queryWidth,
          stride: c.queryWidth)
      }
    }
  }
}
