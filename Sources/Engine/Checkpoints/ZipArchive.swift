/// The directory of a zip file whose members are stored as they are, which is how PyTorch writes them.
struct ZipArchive {
  /// Where each member's bytes lie in the file.
  private(set) var members: [String: Range<Int>] = [:]

  /// - Throws: ``CheckpointError/damaged(file:what:)``
  init(_ file: FileBytes) throws {
    guard let directory = Self.directory(file) else {
      throw file.damaged(
        file.integer(UInt32.self, at: 0) == 0x0403_4B50
          ? "it is a zip file without its end; the download may be incomplete"
          : "it is not a zip file; checkpoints of PyTorch before 1.6 must be saved anew")
    }
    var offset = directory.offset
    for _ in 0..<directory.count {
      guard let (name, range, next) = try Self.member(file, at: offset) else {
        throw file.damaged("its directory of members is cut short")
      }
      members[name] = range
      offset = next
    }
  }

  /// The end-of-directory record stands at the very end, behind it at most a comment of 64 KB.
  private static func directory(_ file: FileBytes) -> (offset: Int, count: Int)? {
    var end = file.count - 22
    let least = max(0, end - 0xFFFF)
    while end >= least {
      if file.integer(UInt32.self, at: end) == 0x0605_4B50 { break }
      end -= 1
    }
    guard end >= least, let count = file.integer(UInt16.self, at: end + 10),
      let offset = file.integer(UInt32.self, at: end + 16)
    else { return nil }
    guard count == .max || offset == .max else { return (Int(offset), Int(count)) }
    // Zip64: a locator just before points to a record with wide fields.
    guard file.integer(UInt32.self, at: end - 20) == 0x0706_4B50,
      let record = file.integer(UInt64.self, at: end - 12).flatMap(Int.init(exactly:)),
      file.integer(UInt32.self, at: record) == 0x0606_4B50,
      let wideCount = file.integer(UInt64.self, at: record + 32).flatMap(Int.init(exactly:)),
      let wideOffset = file.integer(UInt64.self, at: record + 48).flatMap(Int.init(exactly:)),
      // Every member takes at least 46 bytes of the directory.
      wideCount <= file.count / 46
    else { return nil }
    return (wideOffset, wideCount)
  }

  private static func member(
    _ file: FileBytes, at offset: Int
  ) throws -> (name: String, range: Range<Int>, next: Int)? {
    guard file.integer(UInt32.self, at: offset) == 0x0201_4B50,
      let method = file.integer(UInt16.self, at: offset + 10),
      let narrowSize = file.integer(UInt32.self, at: offset + 24),
      let nameLength = file.integer(UInt16.self, at: offset + 28).map(Int.init),
      let extraLength = file.integer(UInt16.self, at: offset + 30).map(Int.init),
      let commentLength = file.integer(UInt16.self, at: offset + 32).map(Int.init),
      let narrowStart = file.integer(UInt32.self, at: offset + 42),
      let name = file.read(offset + 46..<offset + 46 + nameLength, { String(decoding: $0, as: UTF8.self) })
    else { return nil }
    guard method == 0 else {
      throw file.damaged("its member \(name) is compressed, which PyTorch never does")
    }
    var size = Int(narrowSize)
    var start = Int(narrowStart)
    // Wide values stand in an extra field, in this order, only where the narrow ones are full.
    var wide: [Int] = []
    var extra = offset + 46 + nameLength
    let extraEnd = extra + extraLength
    while extra + 4 <= extraEnd, let tag = file.integer(UInt16.self, at: extra),
      let length = file.integer(UInt16.self, at: extra + 2).map(Int.init)
    {
      if tag == 1 {
        for field in stride(from: extra + 4, to: min(extra + 4 + length, extraEnd) - 7, by: 8) {
          guard let value = file.integer(UInt64.self, at: field).flatMap(Int.init(exactly:)) else {
            return nil
          }
          wide.append(value)
        }
      }
      extra += 4 + length
    }
    if narrowSize == .max {
      guard !wide.isEmpty else { return nil }
      size = wide.removeFirst()
      // The compressed size comes next; members are stored, so it is the same.
      if !wide.isEmpty { wide.removeFirst() }
    }
    if narrowStart == .max {
      guard !wide.isEmpty else { return nil }
      start = wide.removeFirst()
    }
    // The member's own header repeats the name, with an extra field of its own length.
    guard start < file.count, file.integer(UInt32.self, at: start) == 0x0403_4B50,
      let localName = file.integer(UInt16.self, at: start + 26).map(Int.init),
      let localExtra = file.integer(UInt16.self, at: start + 28).map(Int.init),
      case let data = start + 30 + localName + localExtra, data <= file.count, size <= file.count - data
    else {
      throw file.damaged("its member \(name) lies outside of the file; the download may be incomplete")
    }
    return (name, data..<data + size, extraEnd + commentLength)
  }
}
