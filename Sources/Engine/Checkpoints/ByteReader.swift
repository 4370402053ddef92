/// Takes little-endian numbers and pieces out of a part of a file, one after the other.
package struct ByteReader {
  package let bytes: UnsafeRawBufferPointer
  /// The next byte; never behind the end.
  package private(set) var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Starts inside `bytes`, or is nil where that is not inside.
  package init?(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    guard (0...bytes.count).contains(position) else { return nil }
    self.bytes = bytes
    self.position = position
  }

  package var remaining: Int { bytes.count - position }

  /// The next `count` bytes, or nil where so many do not remain.
  package mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  package mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> Number? {
    take(MemoryLayout<Number>.size)?.loadUnaligned(as: type)
  }

  /// The bytes up to `end`, which is stepped over; nil where it does not come.
  package mutating func take(upTo end: UInt8) -> UnsafeRawBufferPointer? {
    guard let stop = bytes[position...].firstIndex(of: end) else { return nil }
    defer { position = stop + 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<stop])
  }
}
