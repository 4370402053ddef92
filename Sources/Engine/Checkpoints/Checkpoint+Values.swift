public import Tensors

extension Checkpoint {
  /// The values of a floating-point tensor, as 32-bit floats.
  ///
  /// Dense, aligned float32 values stay where they are in the mapped file; everything else is converted
  /// into memory of its own. Converting from float64 rounds to the nearest float.
  /// - Throws: ``CheckpointError`` when there is no such tensor or it holds no floating-point numbers.
  public func tensor(_ name: String) throws -> Tensor {
    let entry = try existingEntry(named: name)
    let shape = entry.shape
    let count = entry.count
    guard let convert = FloatConversion(from: entry.elementType) else {
      throw CheckpointError.notFloatingPoint(path: path, name: name, type: entry.elementType)
    }
    if count == 0 { return Tensor(zeros: shape) }
    return try entry.withDenseBytes { bytes, isInFile in
      // Both guards repeat what opening has checked; a wrong range must not become a wild pointer.
      guard let base = bytes.baseAddress, bytes.count == count * entry.elementType.size else {
        throw CheckpointError.tooShort(
          path: entry.file.path, needed: entry.range.upperBound, size: entry.file.size)
      }
      let isAligned = UInt(bitPattern: base) % UInt(MemoryLayout<Float>.alignment) == 0
      if isInFile, isAligned, entry.elementType == .float32 {
        return Tensor(
          borrowing: base.assumingMemoryBound(to: Float.self), shape: shape, owner: entry.file)
      }
      let tensor = Tensor(shape: shape) { convert(base, count: count, into: $0) }
      // The file's own pages have been copied from, and would only stay beside the copy.
      entry.file.release(entry.range)
      return tensor
    }
  }

  /// The values of an integer or boolean tensor in row-major order; true is 1.
  /// - Throws: ``CheckpointError`` when there is no such tensor, it holds no integers, or one of them is
  ///   beyond the range of `Int`.
  public func integers(named name: String) throws -> [Int] {
    let entry = try existingEntry(named: name)
    if entry.count == 0 && entry.elementType.isInteger { return [] }
    return try entry.withDenseBytes { bytes, _ in
      switch entry.elementType {
      case .bool: bytes.map { $0 == 0 ? 0 : 1 }
      case .uint8: bytes.map(Int.init)
      case .int8: Self.integers(bytes, as: Int8.self)
      case .uint16: Self.integers(bytes, as: UInt16.self)
      case .int16: Self.integers(bytes, as: Int16.self)
      case .uint32: Self.integers(bytes, as: UInt32.self)
      case .int32: Self.integers(bytes, as: Int32.self)
      case .int64: Self.integers(bytes, as: Int64.self)
      case .uint64:
        try (0..<bytes.count / 8).map { index in
          let value = bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
          guard let value = Int(exactly: value) else {
            throw CheckpointError.integerTooLarge(path: path, name: name, value: value)
          }
          return value
        }
      case .float8e4m3, .float8e5m2, .float16, .bfloat16, .float32, .float64:
        throw CheckpointError.notInteger(path: path, name: name, type: entry.elementType)
      }
    }
  }

  private static func integers<Element: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, as type: Element.Type
  ) -> [Int] {
    let size = MemoryLayout<Element>.size
    return (0..<bytes.count / size).map {
      Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: $0 * size, as: type))
    }
  }
}

extension ElementType {
  var isInteger: Bool {
    switch self {
    case .bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: true
    case .float8e4m3, .float8e5m2, .float16, .bfloat16, .float32, .float64: false
    }
  }
}
