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
