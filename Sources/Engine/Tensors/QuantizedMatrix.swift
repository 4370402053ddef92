package import CKernels

/// A matrix [rows, columns] in any ``MatrixFormat``, over bytes that an owner keeps alive, as a mapped file.
/// It is never unpacked as a whole: products read the stored blocks.
public struct QuantizedMatrix: Sendable {
  /// How its values are stored.
  public let format: MatrixFormat
  /// Outputs of the layer.
  public let rows: Int
  /// Inputs of the layer.
  public let columns: Int
  /// How exactly its products are made.
  package let precision: Precision
  /// Never written.
  private nonisolated(unsafe) let bytes: UnsafeRawPointer
  private let owner: any AnyObject & Sendable
  private let nf4: NF4Scales?

  /// - Precondition: `columns` is whole blocks, and `bytes` holds `rows` of them.
  public init(
    _ format: MatrixFormat, rows: Int, columns: Int, bytes: UnsafeRawBufferPointer, nf4: NF4Scales? = nil,
    owner: any AnyObject & Sendable
  ) {
    precondition(rows > 0 && columns > 0 && columns % format.blockValues == 0)
    precondition((format == .nf4) == (nf4 != nil))
    guard let base = bytes.baseAddress, bytes.count == rows * (columns / format.blockValues) * format.blockBytes
    else { preconditionFailure("a matrix of \(rows)×\(columns) in \(bytes.count) bytes") }
    precision = .current
    self.format = format
    self.rows = rows
    self.columns = columns
    self.bytes = base
    self.owner = owner
    self.nf4 = nf4
  }

  /// The values of a tensor [rows, columns], rounded to 16 bits or kept at 32.
  /// - Precondition: `format` is `.f32` or `.f16`.
  public init(_ tensor: Tensor, format: MatrixFormat = .f32) {
    precondition(tensor.shape.count == 2 && (format == .f32 || format == .f16))
    let storage = MatrixStorage(bytes: tensor.count * format.blockBytes)
    tensor.read { values in
      if format == .f32 {
        storage.pointer.copyMemory(from: values, byteCount: tensor.count * 4)
      } else {
        kernels.halves_from_floats(
          values, storage.pointer.assumingMemoryBound(to: UInt16.self), tensor.count)
      }
    }
    self.init(
      format, rows: tensor.shape[0], columns: tensor.shape[1],
      bytes: UnsafeRawBufferPointer(start: storage.pointer, count: tensor.count * format.blockBytes),
      owner: storage)
  }

  /// The bytes that the values take.
  public var byteCount: Int { rows * (columns / format.blockValues) * format.blockBytes }

  /// Whether both are the same bytes, as a head that is tied to the embedding is.
  package func isSame(as other: QuantizedMatrix) -> Bool { bytes == other.bytes }

  /// All values as floats, bit for bit as the format's reference package gives them.
  public func dequantized() -> Tensor {
    Tensor(shape: [rows, columns]) { out in
      Parallel.forEachRange(rows, grain: max(1, (1 << 16) / columns)) { range in
        dequantize(range, into: out + range.lowerBound * columns)
      }
    }
  }

  /// Some rows as floats, on the calling thread.
  package func dequantize(_ range: Range<Int>, into out: UnsafeMutablePointer<Float>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    withKernelMatrix { matrix in
      withUnsafePointer(to: matrix) { kernels.dequantize($0, range.lowerBound, range.upperBound, out) }
    }
  }

  package func withKernelMatrix<Result>(_ body: (ck_matrix) -> Result) -> Result {
    var matrix = ck_matrix()
    matrix.format = format.kernel
    matrix.rows = rows
    matrix.columns = columns
    matrix.values = bytes
    return withExtendedLifetime(owner) {
      guard let nf4 else { return body(matrix) }
      return withValues(of: nf4.nestedAbsmax, nf4.nestedMap, nf4.map) { nestedAbsmax, nestedMap, map in
        matrix.nf4 = ck_nf4_scales(
          absmax: nf4.absmax, nested_absmax: nestedAbsmax, nested_map: nestedMap, offset: nf4.offset,
          map: map)
        return withExtendedLifetime(nf4.owner) { body(matrix) }
      }
    }
  }
}

/// Memory of a matrix's own. Safe from every thread because nothing is written after it has been filled.
private final class MatrixStorage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer

  init(bytes: Int) { pointer = .allocate(byteCount: bytes, alignment: 64) }
  deinit { pointer.deallocate() }
}

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

  /// What is added to one row of a product: factors · matrix.
  package struct Addition {
    /// The product's position among all.
    let product: Int
    /// In 16-bit floats, [factors, the product's columns].
    let matrix: QuantizedMatrix
    let factors: UnsafePointer<Float>

    package init(to product: Int, _ matrix: QuantizedMatrix, factors: UnsafePointer<Float>) {
      precondition(matrix.format == .f16)
      self.product = product
      self.matrix = matrix
      self.factors = factors
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
        addition.apply(to: 0..<product.matrix.rows, of: product.out)
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
      let panelFloats = blocks * Int(CK_BYTE_PANEL_BYTES) / 4
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
  /// cuts do not change it.
  private static func multiply(
    _ products: [(QuantizedMatrix, UnsafeMutablePointer<Float>)], row x: UnsafePointer<Float>,
    adding additions: [Addition]
  ) {
    let columns = products[0].0.columns
    let total = products.reduce(0) { $0 + $1.0.rows }
    let isRounded = products.contains { $0.0.format.isProductOfBytes }
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: columns) { whole in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns / 16) { scales in
        guard let whole = whole.baseAddress, let scales = scales.baseAddress else { return }
        if isRounded { kernels.quantize_row(x, columns, whole, scales) }
        // Below some ten thousand values a second thread costs more than it gives.
        let pieces = total * columns < 1 << 15 ? 1 : Parallel.threads
        let grain = ((total + pieces - 1) / pieces + 7) / 8 * 8
        Parallel.forEachRange(total, grain: grain) { piece in
          var row = ck_row(floats: x, whole: whole, scales: scales)
          var first = 0
          for (index, (matrix, out)) in products.enumerated() {
            let from = max(piece.lowerBound - first, 0)
            let to = min(piece.upperBound - first, matrix.rows)
            first += matrix.rows
            guard from < to else { continue }
            matrix.withKernelMatrix { matrix in
              withUnsafePointer(to: matrix) { kernels.matrix_row($0, &row, from, to, out) }
            }
            for addition in additions where addition.product == index {
              addition.apply(to: from..<to, of: out)
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

extension QuantizedMatrix.Addition {
  /// On the calling thread, to some columns of the product's row.
  fileprivate func apply(to columns: Range<Int>, of out: UnsafeMutablePointer<Float>) {
    matrix.withKernelMatrix { matrix in
      withUnsafePointer(to: matrix) {
        kernels.add_scaled_rows($0, factors, columns.lowerBound, columns.upperBound, out)
      }
    }
  }
}
