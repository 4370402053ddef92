/// The checksums of a PNG's chunks (ISO/IEC 15948), by which a reader tells most damage before it has read anything.
public enum PNGChecksums {
  /// Of a chunk's type and data, as it is stored.
  public static func checksum(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes { crc = crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
    return withUnsafeBytes(of: (~crc).bigEndian) { Array($0) }
  }

  /// A file whose chunks, as far as their lengths lead, have the checksums of what they hold.
  public static func mended(_ png: [UInt8]) -> [UInt8] {
    var png = png
    var start = 8
    while start + 12 <= png.count {
      let length = png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= png.count - start - 12 else { break }
      let end = start + 8 + length
      png.replaceSubrange(end..<end + 4, with: checksum(of: png[start + 4..<end]))
      start = end + 4
    }
    return png
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
  }
}
