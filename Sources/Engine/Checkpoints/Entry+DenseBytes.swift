extension Checkpoint.Entry {
  /// Lends the values in row-major order without gaps: the file's own bytes where they lie so (`isInFile`),
  /// else a gathered copy that lives as long as the call.
  func withDenseBytes<Result>(
    _ body: (_ bytes: UnsafeRawBufferPointer, _ isInFile: Bool) throws -> Result
  ) throws -> Result {
    try file.read(range) { bytes in
      guard let strides else { return try body(bytes, true) }
      let dense = UnsafeMutableRawBufferPointer.allocate(
        byteCount: count * elementType.size, alignment: 64)
      defer { dense.deallocate() }
      try gather(bytes, strides: strides, into: dense)
      return try body(UnsafeRawBufferPointer(dense), false)
    }
  }

  /// Walks the axes as an odometer does, innermost fastest.
  private func gather(
    _ bytes: UnsafeRawBufferPointer, strides: [Int], into dense: UnsafeMutableRawBufferPointer
  ) throws {
    let size = elementType.size
    guard let source = bytes.baseAddress, let target = dense.baseAddress else { return }
    // The farthest value that the walk below comes to; opening has checked that it is inside.
    let last = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
    guard (last + 1) * size <= bytes.count else {
      throw CheckpointError.tooShort(path: file.path, needed: range.upperBound, size: file.size)
    }
    var position = [Int](repeating: 0, count: shape.count)
    var offset = 0
    for index in 0..<count {
      target.advanced(by: index * size).copyMemory(
        from: source.advanced(by: offset * size), byteCount: size)
      var axis = shape.count - 1
      while axis >= 0 {
        position[axis] += 1
        offset += strides[axis]
        if position[axis] < shape[axis] { break }
        offset -= strides[axis] * shape[axis]
        position[axis] = 0
        axis -= 1
      }
    }
  }
}
