import Tensors

extension QuantizedMatrix {
  /// A matrix over a part of a mapped file.
  /// - Throws: ``CheckpointError/tooShort(path:needed:size:)``
  init(_ format: MatrixFormat, rows: Int, columns: Int, file: MappedFile, range: Range<Int>) throws {
    self = try file.read(range) { bytes in
      QuantizedMatrix(format, rows: rows, columns: columns, bytes: bytes, owner: file)
    }
  }
}
