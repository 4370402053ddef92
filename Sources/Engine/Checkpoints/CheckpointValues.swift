import CKernels
import Synchronization
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

/// Turns stored floating-point values into 32-bit floats. All but float64 convert exactly.
struct FloatConversion {
  private let convert: @Sendable (UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Void
  private let size: Int
  /// Values that one thread takes at a time.
  private static let grain = 1 << 18

  /// Nil for types that are no floating-point numbers, or that no layer can use without a scale (float8).
  init?(from type: ElementType) {
    size = type.size
    switch type {
    case .float64: convert = { ck_floats_from_doubles($0, $1, $2) }
    case .float32:
      convert = { UnsafeMutableRawPointer($1).copyMemory(from: $0, byteCount: $2 * 4) }
    case .float16: convert = { ck_floats_from_halves($0, $1, $2) }
    case .bfloat16: convert = { ck_floats_from_bfloats($0, $1, $2) }
    default: return nil
    }
  }

  /// - Parameters:
  ///   - source: `count` values, aligned or not
  ///   - target: room for `count` floats
  func callAsFunction(
    _ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    Parallel.forEachRange(count, grain: Self.grain) { range in
      convert(source + range.lowerBound * size, target + range.lowerBound, range.count)
    }
  }
}

/// 32-bit floats as 16-bit ones, rounded to the nearest, ties to even.
enum HalfPrecision {
  /// The bits of the nearest IEEE half; beyond the largest half lies infinity.
  static func float16(_ value: Float) -> UInt16 { ck_half_from_float(value) }

  /// The bits of the nearest bfloat16, the upper half of a float.
  static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x0040 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }
}

extension Checkpoint {
  /// Reads every floating-point value once, and gives the memory back.
  /// - Parameter progress: called with the bytes that have been read
  /// - Throws: ``CheckpointError/notFinite(path:name:index:)`` for the first value that is infinite or not a number
  public func requireFinite(progress: (Int) -> Void = { _ in }) throws {
    var done = 0
    for entry in entries {
      if let index = try firstNonFiniteIndex(entry) {
        throw CheckpointError.notFinite(path: path, name: entry.name, index: index)
      }
      entry.file.release(entry.range)
      done += entry.range.count
      progress(done)
    }
  }
}

extension GGUFFile {
  /// Reads every value once.
  /// - Throws: ``CheckpointError/notFinite(path:name:index:)`` for the first that is infinite or not a number
  public func requireFinite() throws {
    for entry in entries {
      let matrix = try QuantizedMatrix(
        entry.format, rows: entry.shape.dropLast().reduce(1, *), columns: entry.shape.last ?? 1, file: file,
        range: entry.range)
      if let index = matrix.firstNonFiniteIndex {
        throw CheckpointError.notFinite(path: file.path, name: entry.name, index: index)
      }
      file.release(entry.range)
    }
  }
}

extension Checkpoint {
  /// Of floating-point values, and of 8-bit blocks, which have scales; nil for what has neither.
  func firstNonFiniteIndex(_ entry: Entry) throws -> Int? {
    if FloatConversion(from: entry.elementType) != nil { return try tensor(entry.name).firstNonFiniteIndex }
    guard entry.elementType == .uint8, entry.strides == nil, entry.shape.count == 3,
      entry.shape[2] == Q8Quantizer.blockBytes, entry.count > 0
    else { return nil }
    return try QuantizedMatrix(
      .q8_0, rows: entry.shape[0], columns: entry.shape[1] * 32, file: entry.file, range: entry.range
    ).firstNonFiniteIndex
  }
}

extension QuantizedMatrix {
  /// The index of a value that is infinite or not a number, the first of its rows, or nil when every value is
  /// finite.
  var firstNonFiniteIndex: Int? {
    let first = Atomic<Int>(.max)
    Parallel.forEachRange(rows, grain: max(1, (1 << 16) / columns)) { range in
      withScratch(range.count * columns) { values in
        dequantize(range, into: values)
        guard !ck_all_finite(values, range.count * columns),
          let index = (0..<range.count * columns).first(where: { !values[$0].isFinite })
        else { return }
        first.min(range.lowerBound * columns + index, ordering: .relaxed)
      }
    }
    let index = first.load(ordering: .relaxed)
    return index == .max ? nil : index
  }
}

extension Tensor {
  /// The index of the first value that is infinite or not a number, or nil when every value is finite.
  /// Reads each value once, at the speed of memory.
  package var firstNonFiniteIndex: Int? {
    let first = Atomic<Int>(.max)
    read { values in
      Parallel.forEachRange(count, grain: 1 << 18) { range in
        guard !ck_all_finite(values + range.lowerBound, range.count),
          let index = range.first(where: { !values[$0].isFinite })
        else { return }
        first.min(index, ordering: .relaxed)
      }
    }
    let index = first.load(ordering: .relaxed)
    return index == .max ? nil : index
  }
}
