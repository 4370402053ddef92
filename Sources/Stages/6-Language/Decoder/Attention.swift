import CKernels
import Foundation
import Tensors

/// Causal attention of new positions over all positions so far. A head's keys and values are read once for all queries
/// that share them.
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
    let length = before + rows
    let first = layer * c.keyValueHeads
    if rows <= FewRows.most {
      // A short context is done before a second thread has looked.
      let isShort = length * c.queryWidth * rows < 1 << 14
      Parallel.forEachRange(c.keyValueHeads, grain: isShort ? c.keyValueHeads : 1) { heads in
        for head in heads {
          cache.read(head: first + head) {
            few(projected, rows: rows, before: before, head: head, pages: $0, into: out)
          }
        }
      }
    } else {
      let pieces = (rows + Self.piece - 1) / Self.piece
      Parallel.forEach(c.keyValueHeads * pieces) { index in
        // The last rows see most, and are begun first.
        let start = (pieces - 1 - index / c.keyValueHeads) * Self.piece
        let head = index % c.keyValueHeads
        cache.read(head: first + head) {
          many(
            projected, rows: start..<min(start + Self.piece, rows), before: before, head: head, pages: $0,
            into: out)
        }
      }
    }
  }

  private var scale: Float { 1 / sqrt(Float(configuration.headWidth)) }
  private var group: Int { configuration.heads / configuration.keyValueHeads }

  /// One key-value head, row by row.
  private func few(
    _ projected: UnsafePointer<Float>, rows: Int, before: Int, head: Int, pages: KeyValuePages,
    into out: UnsafeMutablePointer<Float>
  ) {
    let c = configuration
    let page = Int(CK_PAGE)
    withScratch(4 * ((before + rows + page - 1) / page * page)) { scores in
      for row in 0..<rows {
        var attention = ck_attention(
          queries: projected + row * c.projectionWidth + layout.query(head * group, c), query_count: group,
          width: c.headWidth, pages: pages.pointers, offset: pages.offset, halves: pages.halves,
          count: before + row + 1, scale: scale, scores: scores,
          out: out + row * c.queryWidth + head * group * c.headWidth)
        kernels.attend(&attention)
      }
    }
  }

  /// Rows that are done together: none of them sees far beyond its own position.
  private static let piece = 128

  /// One key-value head, as products of matrices, page by page; what a row's scores have beyond its own position is set
  /// to zero.
  private func many(
    _ projected: UnsafePointer<Float>, rows: Range<Int>, before: Int, head: Int, pages: KeyValuePages,
    into out: UnsafeMutablePointer<Float>
  ) {
    let c = configuration
    let length = before + rows.upperBound
    let page = Int(CK_PAGE)
    let queries = (0..<group).map {
      projected + rows.lowerBound * c.projectionWidth + layout.query(head * group + $0, c)
    }
    let outs = (0..<group).map { out + rows.lowerBound * c.queryWidth + (head * group + $0) * c.headWidth }
    let scoresOfQuery = rows.count * length
    withScratch(group * scoresOfQuery) { scores in
      func forEachPage(
        _ body: (_ first: Int, _ positions: Int, _ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>)
          -> Void
      ) {
        for first in stride(from: 0, to: length, by: page) {
          pages.floats(ofPage: first / page) { body(first, min(page, length - first), $0, $1) }
        }
      }
      forEachPage { first, positions, keys, _ in
        for (index, query) in queries.enumerated() {
          matrixProduct(
            MatrixView(query, stride: c.projectionWidth), MatrixView(keys, stride: page), transposed: false,
            rows: rows.count, columns: positions, inner: c.headWidth,
            into: scores + index * scoresOfQuery + first, stride: length)
        }
      }
      for index in 0..<group {
        for row in 0..<rows.count {
          let start = scores + index * scoresOfQuery + row * length
          let seen = before + rows.lowerBound + row + 1
          kernels.softmax(start, 1, seen, scale, nil, nil)
          (start + seen).update(repeating: 0, count: length - seen)
        }
      }
      forEachPage { first, positions, _, values in
        for (index, out) in outs.enumerated() {
          matrixProduct(
            MatrixView(scores + index * scoresOfQuery + first, stride: length),
            MatrixView(values, stride: c.headWidth), transposed: false, rows: rows.count, columns: c.headWidth,
            inner: positions, accumulate: first > 0, into: out, stride: c.queryWidth)
        }
      }
    }
  }
}
