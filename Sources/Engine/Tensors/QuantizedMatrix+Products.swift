import CKernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension QuantizedMatrix {
  /// How a product is made.
  private enum Way {
    /// Row by row of x, from the stored blocks.
    case rows
    /// Rows of x together, in two bytes a value, from the stored blocks.
    case bytes
    /// Blocks unpacked piece by piece, and multiplied as floats.
    case floats
  }

  private static func way(of matrices: [QuantizedMatrix], rows: Int, columns: Int) -> Way {
    guard columns % 32 == 0 else { return .floats }
    let bytes = matrices.allSatisfy { $0.precision.roundsActivations && $0.format.isProductOfBytes }
    if rows <= (bytes ? FewRows.mostBesideBytes : FewRows.most) { return .rows }
    return bytes ? .bytes : .floats
  }

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

  /// A low-rank pair beside one row of a product, to which it adds factor · second · (first · x).
  package struct Addition {
    /// The product's position among all.
    let product: Int
    /// [rank, columns]
    let first: QuantizedMatrix
    /// Transposed, in 16-bit floats: [rank, the product's rows].
    let second: QuantizedMatrix
    let factor: Float

    package init(to product: Int, _ first: QuantizedMatrix, _ second: QuantizedMatrix, factor: Float) {
      precondition(second.format == .f16 && first.rows == second.rows)
      self.product = product
      self.first = first
      self.second = second
      self.factor = factor
    }
  }

  /// y = x · matrixᵀ for several matrices of one input, which is read and cut up once.
  /// - Parameters:
  ///   - products: matrices of `columns` columns, and where their results begin
  ///   - x: [count, columns]
  ///   - stride: between a result's rows
  ///   - additions: for a single row of x
  package static func multiply(
    _ products: [(matrix: QuantizedMatrix, out: UnsafeMutablePointer<Float>)],
    x: UnsafePointer<Float>, count: Int, stride: Int, adding additions: [Addition] = []
  ) {
    precondition(additions.isEmpty || count == 1)
    guard let columns = products.first?.matrix.columns else { return }
    precondition(products.allSatisfy { $0.matrix.columns == columns })
    switch way(of: products.map(\.matrix), rows: count, columns: columns) {
    case .rows:
      for row in 0..<count {
        multiply(
          products.map { ($0.matrix, $0.out + row * stride) }, row: x + row * columns, adding: additions)
      }
    case .bytes:
      multiplyBytes(products, x: x, count: count, stride: stride)
    case .floats:
      for (matrices, out) in adjoining(products) {
        multiply(matrices, x: x, count: count, into: out, stride: stride)
      }
      for addition in additions {
        let product = products[addition.product]
        withScratch(addition.first.rows) { factors in
          multiply([addition.first], x: x, count: 1, into: factors, stride: addition.first.rows)
          addition.scale(factors, 0..<addition.first.rows)
          addition.apply(factors, to: 0..<product.matrix.rows, of: product.out)
        }
      }
    }
  }

  /// Rows of x in two bytes a value, which all pieces of all matrices are multiplied by.
  private static func multiplyBytes(
    _ products: [(matrix: QuantizedMatrix, out: UnsafeMutablePointer<Float>)],
    x: UnsafePointer<Float>, count: Int, stride: Int
  ) {
    let columns = products[0].matrix.columns
    let blocks = columns / 32
    let tile = ck_byte_tile(count)
    withScratch(count * (columns / 2 + 2 * blocks)) { scratch in
      let scales = scratch
      let whole = UnsafeMutableRawPointer(scratch + count * 2 * blocks).assumingMemoryBound(to: Int8.self)
      Parallel.forEachRange(count, grain: Parallel.balancedGrain(count, target: 32 * tile) / tile * tile + tile)
      {
        for row in Swift.stride(from: $0.lowerBound, to: $0.upperBound, by: tile) {
          kernels.quantize_bytes(
            x + row * columns, columns, min(tile, $0.upperBound - row), columns, whole + row * 2 * columns,
            scales + row * 2 * blocks)
        }
      }
      // As many panels at a time as stay in a core's second cache, in enough pieces that threads finish together.
      let panelFloats = blocks * kernels.byte_panel_bytes / 4
      let panels = max(1, min(4, (3 << 16) / panelFloats))
      let step = panels * Int(CK_BYTE_COLUMNS)
      let pieces = products.flatMap { product in
        Swift.stride(from: 0, to: product.matrix.rows, by: step).map { (product, $0) }
      }
      Parallel.forEach(pieces.count) { index in
        let (product, first) = pieces[index]
        var rows = ck_byte_rows(whole: whole, scales: scales, rows: count)
        withScratch(panels * panelFloats) { panel in
          product.matrix.withKernelMatrix { matrix in
            withUnsafePointer(to: matrix) {
              kernels.byte_product(
                $0, &rows, first, min(first + step, product.matrix.rows), panel, panels, product.out, stride)
            }
          }
        }
      }
    }
  }

  /// One row of x. All results are cut together, evenly for the threads: each row of a matrix is one sum, so
  /// cuts do not change it. The first halves of low-rank pairs are cut likewise and begun before all else, so that they are
  /// done by the time the second halves need them: while words are written, each step by itself is shorter than a
  /// second thread's wake-up.
  private static func multiply(
    _ products: [(QuantizedMatrix, UnsafeMutablePointer<Float>)], row x: UnsafePointer<Float>,
    adding additions: [Addition]
  ) {
    let columns = products[0].0.columns
    let rank = additions.reduce(0) { $0 + $1.first.rows }
    let total = products.reduce(0) { $0 + $1.0.rows }
    let isRounded =
      products.contains { $0.0.format.isProductOfBytes }
      || additions.contains { $0.first.format.isProductOfBytes }
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: columns) { whole in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns / 16 + rank) { floats in
        guard let whole = whole.baseAddress, let scales = floats.baseAddress else { return }
        let factors = scales + columns / 16
        if isRounded { kernels.quantize_row(x, columns, whole, scales) }
        let row = ck_row(floats: x, whole: whole, scales: scales)
        // Below some ten thousand values a second thread costs more than it gives.
        let pieces = (total + rank) * columns < 1 << 15 ? 1 : Parallel.threads
        let grain = ((total + pieces - 1) / pieces + 7) / 8 * 8
        let firstPieces = rank > 0 ? pieces : 0
        let firstGrain = ((rank + pieces - 1) / pieces + 3) / 4 * 4
        let ready = Atomic<Int>(0)
        Parallel.forEach(firstPieces + (total + grain - 1) / grain) { index in
          if index < firstPieces {
            let piece = min(index * firstGrain, rank)..<min((index + 1) * firstGrain, rank)
            reduce(additions, piece, of: row, into: factors)
            ready.wrappingAdd(1, ordering: .releasing)
            return
          }
          let start = (index - firstPieces) * grain
          let piece = start..<min(start + grain, total)
          var first = 0
          for (matrix, out) in products {
            let part = piece.clamped(to: first..<first + matrix.rows)
            if !part.isEmpty {
              matrix.multiply(row, part.lowerBound - first..<part.upperBound - first, into: out)
            }
            first += matrix.rows
          }
          guard rank > 0 else { return }
          // Whoever does the other pieces of these has begun before this one was.
          while ready.load(ordering: .acquiring) < firstPieces { sched_yield() }
          var before = factors
          for addition in additions {
            let first = products[..<addition.product].reduce(0) { $0 + $1.0.rows }
            let (matrix, out) = products[addition.product]
            let part = piece.clamped(to: first..<first + matrix.rows)
            if !part.isEmpty {
              addition.apply(before, to: part.lowerBound - first..<part.upperBound - first, of: out)
            }
            before += addition.first.rows
          }
        }
      }
    }
  }

  /// Some rows of the first halves of low-rank pairs, counted through all of them, times the pairs' factors.
  private static func reduce(
    _ additions: [Addition], _ piece: Range<Int>, of row: ck_row, into factors: UnsafeMutablePointer<Float>
  ) {
    var first = 0
    for addition in additions {
      let rank = addition.first.rows
      let part = piece.clamped(to: first..<first + rank)
      if !part.isEmpty {
        let own = part.lowerBound - first..<part.upperBound - first
        addition.first.multiply(row, own, into: factors + first)
        addition.scale(factors + first, own)
      }
      first += rank
    }
  }

  /// Some rows of a product with one row of x, on the calling thread.
  private func multiply(_ row: ck_row, _ rows: Range<Int>, into out: UnsafeMutablePointer<Float>) {
    withKernelMatrix { matrix in
      withUnsafePointer(to: matrix) { matrix in
        withUnsafePointer(to: row) { kernels.matrix_row(matrix, $0, rows.lowerBound, rows.upperBound, out) }
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
    let panels = (total + grain - 1) / grain
    // A single panel is made for every piece of x.
    let tall = panels == 1 ? Parallel.balancedGrain(count, target: 128) : count
    Parallel.forEach(panels * ((count + tall - 1) / tall)) { index in
      let range = index % panels * grain..<min((index % panels + 1) * grain, total)
      let rows = index / panels * tall..<min((index / panels + 1) * tall, count)
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
          MatrixView(x + rows.lowerBound * columns, stride: columns), MatrixView(panel, stride: columns),
          transposed: true, rows: rows.count, columns: range.count, inner: columns,
          into: out + rows.lowerBound * stride + range.lowerBound, stride: stride)
      }
    }
  }
}

extension QuantizedMatrix.Addition {
  fileprivate func scale(_ factors: UnsafeMutablePointer<Float>, _ rows: Range<Int>) {
    for index in rows { factors[index] *= factor }
  }

  /// On the calling thread, to some columns of the product's row.
  fileprivate func apply(
    _ factors: UnsafePointer<Float>, to columns: Range<Int>, of out: UnsafeMutablePointer<Float>
  ) {
    second.withKernelMatrix { matrix in
      withUnsafePointer(to: matrix) {
        kernels.add_scaled_rows($0, factors, columns.lowerBound, columns.upperBound, out)
      }
    }
  }
}
