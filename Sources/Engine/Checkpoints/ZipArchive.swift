import Foundation

/// The directory of a zip file whose records are stored as they are, which is how PyTorch writes them
/// (PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 to 4.3.16 and 4.5.3).
struct ZipArchive {
  struct Record {
    /// Where the bytes lie in the file.
    let range: Range<Int>
    /// False where they are compressed or encrypted, so that they mean something else.
    let isPlain: Bool
  }

  let path: String
  let records: [String: Record]

  private enum Signature {
    static let local: UInt32 = 0x0403_4b50
    static let entry: UInt32 = 0x0201_4b50
    static let end: UInt32 = 0x0605_4b50
    static let wideEnd: UInt32 = 0x0606_4b50
    static let wideLocator: UInt32 = 0x0706_4b50
  }

  static func isOne(_ file: MappedFile) -> Bool {
    file.readAll { bytes in
      var reader = ByteReader(bytes)
      return reader.number(UInt32.self) == Signature.local
    }
  }

  /// - Throws: ``CheckpointError``
  init(_ file: MappedFile) throws {
    path = file.path
    records = try file.readAll { try Self.records($0, path: file.path) }
  }

  private static func records(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws -> [String: Record] {
    let directory = try directory(bytes, path: path)
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[directory.range]))
    var records: [String: Record] = [:]
    for _ in 0..<directory.count {
      let offset = directory.range.lowerBound + reader.position
      guard let (name, record) = entry(&reader, in: bytes) else {
        throw CheckpointError.damagedArchive(path: path, offset: offset)
      }
      guard records.updateValue(record, forKey: name) == nil else {
        throw CheckpointError.duplicateName(path: path, name: name)
      }
    }
    return records
  }

  /// Where the directory lies.
  static func directory(of file: MappedFile) throws -> Range<Int> {
    try file.readAll { try directory($0, path: file.path).range }
  }

  /// What the directory says of each record; what is where it says is not read.
  static func places(in file: MappedFile) throws -> [Place] {
    try file.readAll { bytes in
      let directory = try directory(bytes, path: file.path)
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[directory.range]))
      return try (0..<directory.count).map { _ in
        guard let listed = listed(&reader) else {
          throw CheckpointError.damagedArchive(path: file.path, offset: directory.range.lowerBound)
        }
        return Place(
          name: String(decoding: listed.name, as: UTF8.self), start: listed.header, size: listed.packedSize)
      }
    }
  }

  struct Place {
    let name: String
    /// Of the record's own header.
    let start: Int
    /// Of its bytes.
    let size: Int
  }

  /// What stands before a record's bytes: the least that there can be.
  static func localHeader(named name: String) -> Data {
    var header = withUnsafeBytes(of: Signature.local.littleEndian) { Data($0) }
    header.append(Data(count: 22))
    header.append(contentsOf: [UInt8(name.utf8.count & 255), UInt8(name.utf8.count >> 8 & 255), 0, 0])
    header.append(contentsOf: name.utf8)
    return header
  }

  /// The bytes of a record.
  /// - Throws: ``CheckpointError/missingRecord(path:record:)``, ``CheckpointError/compressedRecord(path:record:)``
  func range(of name: String) throws -> Range<Int> {
    guard let record = records[name] else {
      throw CheckpointError.missingRecord(path: path, record: name)
    }
    guard record.isPlain else { throw CheckpointError.compressedRecord(path: path, record: name) }
    return record.range
  }

  /// Where the entries of the directory lie, and how many they are. The record that says so is the last
  /// thing in the file, but for a comment of at most 64 KB.
  private static func directory(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws -> (range: Range<Int>, count: Int) {
    var position = bytes.count - 22
    let least = max(0, position - 0xffff)
    while position >= least {
      if var end = ByteReader(bytes, at: position), end.number(UInt32.self) == Signature.end,
        let found = directory(bytes, endAt: position, &end)
      {
        return found
      }
      position -= 1
    }
    throw CheckpointError.damagedArchive(path: path, offset: max(0, bytes.count - 22))
  }

  private static func directory(
    _ bytes: UnsafeRawBufferPointer, endAt position: Int, _ end: inout ByteReader
  ) -> (range: Range<Int>, count: Int)? {
    // Two disk numbers and the entries on this disk: there is one disk.
    guard end.take(6) != nil, let count = end.number(UInt16.self), let size = end.number(UInt32.self),
      let start = end.number(UInt32.self), let comment = end.number(UInt16.self),
      Int(comment) == end.remaining
    else { return nil }
    var (wideCount, wideSize, wideStart) = (UInt64(count), UInt64(size), UInt64(start))
    var limit = position
    if var locator = ByteReader(bytes, at: position - 20),
      locator.number(UInt32.self) == Signature.wideLocator
    {
      guard locator.take(4) != nil, let record = locator.number(UInt64.self).flatMap(Int.init(exactly:)),
        record <= position - 20, var wide = ByteReader(bytes, at: record),
        wide.number(UInt32.self) == Signature.wideEnd,
        // Its own size, two versions, two disk numbers and the entries on this disk.
        wide.take(8 + 4 + 8 + 8) != nil, let c = wide.number(UInt64.self),
        let s = wide.number(UInt64.self), let o = wide.number(UInt64.self)
      else { return nil }
      (wideCount, wideSize, wideStart) = (c, s, o)
      limit = record
    }
    // An entry takes at least 46 bytes, so that the number of them is bounded by the file.
    guard let count = Int(exactly: wideCount), let size = Int(exactly: wideSize),
      let start = Int(exactly: wideStart), start <= limit, size <= limit - start, count <= size / 46
    else { return nil }
    return (start..<start + size, count)
  }

  private static func entry(
    _ reader: inout ByteReader, in bytes: UnsafeRawBufferPointer
  ) -> (String, Record)? {
    guard let listed = listed(&reader),
      let data = dataStart(bytes, header: listed.header, name: listed.name),
      listed.packedSize <= bytes.count - data
    else { return nil }
    guard !listed.isPlain || listed.size == listed.packedSize else { return nil }
    return (
      String(decoding: listed.name, as: UTF8.self),
      Record(range: data..<data + listed.packedSize, isPlain: listed.isPlain)
    )
  }

  /// An entry of the directory.
  private struct Listed {
    /// UTF-8.
    let name: UnsafeRawBufferPointer
    let isPlain: Bool
    let size: Int
    let packedSize: Int
    let header: Int
  }

  private static func listed(_ reader: inout ByteReader) -> Listed? {
    guard reader.number(UInt32.self) == Signature.entry, reader.take(4) != nil,
      let flags = reader.number(UInt16.self), let method = reader.number(UInt16.self),
      reader.take(8) != nil,  // time, date, checksum
      let packed = reader.number(UInt32.self), let unpacked = reader.number(UInt32.self),
      let nameLength = reader.number(UInt16.self), let extraLength = reader.number(UInt16.self),
      let commentLength = reader.number(UInt16.self), reader.take(8) != nil,  // disk, attributes
      let start = reader.number(UInt32.self),
      let name = reader.take(Int(nameLength)), String(validating: name, as: UTF8.self) != nil,
      let extra = reader.take(Int(extraLength)), reader.take(Int(commentLength)) != nil,
      var wide = wideNumbers(in: extra),
      let size = number(unpacked, else: &wide), let packedSize = number(packed, else: &wide),
      let header = number(start, else: &wide)
    else { return nil }
    let isEncrypted = flags & 1 != 0
    return Listed(
      name: name, isPlain: method == 0 && !isEncrypted, size: size, packedSize: packedSize, header: header)
  }

  /// A record starts with a header of its own, which repeats the name and has another extra field.
  private static func dataStart(
    _ bytes: UnsafeRawBufferPointer, header: Int, name: UnsafeRawBufferPointer
  ) -> Int? {
    guard var reader = ByteReader(bytes, at: header), reader.number(UInt32.self) == Signature.local,
      reader.take(22) != nil, let nameLength = reader.number(UInt16.self),
      let extraLength = reader.number(UInt16.self), Int(nameLength) == name.count,
      let ownName = reader.take(name.count), ownName.elementsEqual(name),
      reader.take(Int(extraLength)) != nil
    else { return nil }
    return reader.position
  }

  /// What an extra field holds for the numbers that do not fit 32 bits, in the order of the entry's fields.
  private static func wideNumbers(in extra: UnsafeRawBufferPointer) -> [UInt64]? {
    var reader = ByteReader(extra)
    var numbers: [UInt64] = []
    // Fewer than four bytes at the end are padding that some writers leave.
    while reader.remaining >= 4 {
      guard let tag = reader.number(UInt16.self), let length = reader.number(UInt16.self),
        let field = reader.take(Int(length))
      else { return nil }
      guard tag == 1, numbers.isEmpty else { continue }
      var content = ByteReader(field)
      while let number = content.number(UInt64.self) { numbers.append(number) }
    }
    return numbers.reversed()
  }

  /// `narrow`, unless it is full: then the next of `wide`, whose next one is last.
  private static func number(_ narrow: UInt32, else wide: inout [UInt64]) -> Int? {
    guard narrow == .max else { return Int(narrow) }
    return wide.popLast().flatMap(Int.init(exactly:))
  }
}
