import CKernels

extension QuantizedMatrix {
  /// Rows up to which a product reads the stored blocks once a row; for more, the blocks are unpacked piece by
  /// piece and multiplied as floats.
  private static let fewRows = 4

  /// y = x · matrixᵀ
  /// - Parameter x: [count, columns]
  /// - Returns: [count, rows]
  public func product(_ x: Tensor) -> Tensor {
    precondition(x.shape.last == columns)
    let count = x.count / columns
    return Tensor(shape: x.shape.dropLast() + [rows]) { out in
      x.read { Self.multiply([(self, out)], x: $0, count: count, stride: rows) }
    }
  }

  /// y = x · matrixᵀ for several matrices of one input, which is read and cut up once.
  /// - Parameters:
  ///   - products: matrices of `columns` columns, and where their results begin
  ///   - x: [count, columns]
  ///   - stride: between a result's rows
  package static func multiply(
    _ products: [(matrix: QuantizedMatrix, out: UnsafeMutablePointer<Float>)],
    x: UnsafePointer<Float>, count: Int, stride: Int
  ) {
    guard let columns = products.first?.matrix.columns else { return }
    precondition(products.allSatisfy { $0.matrix.columns == columns })
    if count <= fewRows && columns % 32 == 0 {
      for row in 0..<count {
        multiply(products.map { ($0.matrix, $0.out + row * stride) }, row: x + row * columns)
      }
    } else {
      for (matrices, out) in adjoining(products) {
        multiply(matrices, x: x, count: count, into: out, stride: stride)
      }
    }
  }

  /// One row of x. All results are cut together, evenly for the threads: each row of a matrix is one sum, so
  /// cuts do not change it.
  private static func multiply(
    _ products: [(QuantizedMatrix, UnsafeMutablePointer<Float>)], row x: UnsafePointer<Float>
  ) {
    let columns = products[0].0.columns
    let total = products.reduce(0) { $0 + $1.0.rows }
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: columns) { whole in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns / 16) { scales in
        guard let whole = whole.baseAddress, let scales = scales.baseAddress else { return }
        kernels.quantize_row(x, columns, whole, scales)
        // Below some ten thousand values a second thread costs more than it gives.
        let pieces = total * columns < 1 << 14 ? 1 : Parallel.threads
        let grain = ((total + pieces - 1) / pieces + 7) / 8 * 8
        Parallel.forEachRange(total, grain: grain) { piece in
          var row = ck_row(floats: x, whole: whole, scales: scales)
          var first = 0
          for (matrix, out) in products {
            let from = max(piece.lowerBound - first, 0)
            let to = min(piece.upperBound - first, matrix.rows)
            first += matrix.rows
            guard from < to else { continue }
            matrix.withKernelMatrix { matrix in
              withUnsafePointer(to: matrix) { kernels.matrix_row($0, &row, from, to, out) }
            }
          }
        }
      }
    }
  }

  /// Matrices whose results lie side by side, put together as one that is tall.
  private static func adjoining(
    _ products: [(matrix: QuantizedMatrix, out: UnsafeMutablePointer<Float>)]
  ) -> [(matrices: [QuantizedMatrix], out: UnsafeMutablePointer<Float>)] {
    var groups: [(matrices: [QuantizedMatrix], out: UnsafeMutablePointer<Float>)] = []
    var end: UnsafeMutablePointer<Float>?
    for (matrix, out) in products {
      if out == end {
        groups[groups.count - 1].matrices.append(matrix)
      } else {
        groups.append(([matrix], out))
      }
      end = out + matrix.rows
    }
    return groups
  }

  /// Many rows of x: panels of the matrices as floats, each multiplied while it is in the cache.
  private static func multiply(
    _ matrices: [QuantizedMatrix], x: UnsafePointer<Float>, count: Int,
    into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let columns = matrices[0].columns
    let total = matrices.reduce(0) { $0 + $1.rows }
    // Tall panels: the product packs x anew for each, which is dearer than a panel that leaves the nearest cache.
    let grain = Parallel.balancedGrain(total, target: max(256, (1 << 18) / columns))
    Parallel.forEachRange(total, grain: grain) { range in
      withScratch(range.count * columns) { panel in
        var first = 0
        for matrix in matrices {
          let part = range.clamped(to: first..<first + matrix.rows)
          if !part.isEmpty {
            matrix.dequantize(
              part.lowerBound - first..<part.upperBound - first,
              into: panel + (part.lowerBound - range.lowerBound) * columns)
          }
          first += matrix.rows
        }
        matrixProduct(
          MatrixView(x, stride: columns), MatrixView(panel, stride: columns), transposed: true,
          rows: count, columns: range.count, inner: columns, into: out + range.lowerBound, stride: stride)
      }
    }
  }
}
