public import Foundation

extension Checkpoint {
  /// Opens a file of the safetensors format, version 0.4
  /// (https://github.com/huggingface/safetensors#format).
  ///
  /// The file is 8 bytes of header length, a JSON header, and the values. As the reference implementation
  /// does, this refuses tensors that overlap and bytes that belong to no tensor; it also refuses names and
  /// fields that come twice.
  /// - Throws: ``CheckpointError``
  public init(safetensors url: URL) throws {
    try self.init(safetensors: MappedFile(url))
  }

  package init(safetensors file: MappedFile) throws {
    let header = try SafetensorsHeader(file)
    try self.init(
      entries: header.entries, metadata: header.metadata, files: [file], path: file.path)
  }
}

/// What the header of a safetensors file says, checked against the file.
struct SafetensorsHeader {
  let entries: [Checkpoint.Entry]
  let metadata: [String: String]

  /// The reference implementation's limit, in bytes.
  static let longest = 100_000_000

  init(_ file: MappedFile) throws {
    guard file.size > 0 else { throw CheckpointError.empty(path: file.path) }
    guard file.size >= 8 else {
      throw CheckpointError.tooShort(path: file.path, needed: 8, size: file.size)
    }
    let claimed = try file.read(0..<8) { $0.loadUnaligned(as: UInt64.self) }
    guard claimed <= UInt64(Self.longest), let length = Int(exactly: claimed),
      length <= file.size - 8, length >= 2
    else {
      throw CheckpointError.headerLength(path: file.path, length: claimed, size: file.size)
    }
    (entries, metadata) = try file.read(8..<8 + length) { text in
      try Self.parse(text, file: file, dataStart: 8 + length)
    }
    try Self.checkLayout(entries, file: file, dataStart: 8 + length)
  }

  private static func parse(
    _ text: UnsafeRawBufferPointer, file: MappedFile, dataStart: Int
  ) throws -> ([Checkpoint.Entry], [String: String]) {
    var entries: [Checkpoint.Entry] = []
    var metadata: [String: String]?
    var scanner = JSONScanner(text, path: file.path, start: 8)
    try scanner.object { scanner, name in
      guard name == "__metadata__" else {
        entries.append(
          try Self.entry(name, &scanner, file: file, dataStart: dataStart))
        return
      }
      guard metadata == nil else {
        throw CheckpointError.duplicateName(path: file.path, name: name)
      }
      var notes: [String: String] = [:]
      try scanner.object { scanner, key in
        guard notes.updateValue(try scanner.string(), forKey: key) == nil else {
          throw CheckpointError.duplicateName(path: file.path, name: key)
        }
      }
      metadata = notes
    }
    try scanner.expectEnd()
    return (entries, metadata ?? [:])
  }

  private static func entry(
    _ name: String, _ scanner: inout JSONScanner, file: MappedFile, dataStart: Int
  ) throws -> Checkpoint.Entry {
    var type: ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { scanner, field in
      switch field {
      case "dtype" where type == nil:
        let text = try scanner.string()
        guard let known = ElementType(rawValue: text) else {
          throw CheckpointError.unknownType(path: file.path, name: name, type: text)
        }
        type = known
      case "shape" where shape == nil:
        shape = try Self.counts(&scanner)
      case "data_offsets" where offsets == nil:
        offsets = try Self.counts(&scanner)
      default:
        throw CheckpointError.unexpectedField(path: file.path, name: name, field: field)
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      let missing = type == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw CheckpointError.missingField(path: file.path, name: name, field: missing)
    }
    guard let bytes = type.bytes(of: shape) else {
      throw CheckpointError.shapeTooLarge(path: file.path, name: name, shape: shape)
    }
    let (begin, end) = (offsets[0], offsets[1])
    let available = file.size - dataStart
    guard begin <= end, end <= available else {
      throw CheckpointError.outsideFile(
        path: file.path, name: name, begin: begin, end: end, available: available)
    }
    guard end - begin == bytes else {
      throw CheckpointError.wrongLength(
        path: file.path, name: name, shape: shape, type: type, expected: bytes, got: end - begin)
    }
    return Checkpoint.Entry(
      name: name, shape: shape, elementType: type, file: file,
      range: dataStart + begin..<dataStart + end, strides: nil)
  }

  private static func counts(_ scanner: inout JSONScanner) throws -> [Int] {
    var counts: [Int] = []
    try scanner.array { counts.append(try $0.count()) }
    return counts
  }

  /// Every byte after the header belongs to exactly one tensor.
  private static func checkLayout(
    _ entries: [Checkpoint.Entry], file: MappedFile, dataStart: Int
  ) throws {
    let sorted = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = dataStart
    var previous = ""
    for entry in sorted {
      guard entry.range.lowerBound >= end else {
        throw CheckpointError.overlap(path: file.path, first: previous, second: entry.name)
      }
      guard entry.range.lowerBound == end else {
        throw CheckpointError.hole(path: file.path, from: end, to: entry.range.lowerBound)
      }
      end = entry.range.upperBound
      previous = entry.name
    }
    guard end == file.size else {
      throw CheckpointError.hole(path: file.path, from: end, to: file.size)
    }
  }
}

/// Where every tensor of a safetensors file lies, known before any value is.
///
/// Tensors are laid out as the reference implementation does it, wide types first and then by name, so that every
/// value is aligned.
struct SafetensorsLayout {
  /// A tensor that is to be written.
  struct Slot {
    var name: String
    var type: ElementType
    var shape: [Int]
  }

  /// What stands before the values.
  let header: Data
  /// Sorted as they lie.
  let slots: [Slot]
  /// Bytes of the file, by name.
  let ranges: [String: Range<Int>]

  /// - Parameter path: for messages
  /// - Throws: ``CheckpointError`` when a name is reserved or comes twice, or a shape is impossible
  init(_ slots: [Slot], metadata: [String: String], path: String) throws {
    self.slots = slots.sorted { a, b in
      (-a.type.size, a.type.rawValue, a.name) < (-b.type.size, b.type.rawValue, b.name)
    }
    var parts: [String] = []
    if !metadata.isEmpty {
      let notes = metadata.sorted { $0.key < $1.key }.map { "\(Self.json($0.key)):\(Self.json($0.value))" }
      parts.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
    }
    var offset = 0
    var offsets: [String: Range<Int>] = [:]
    for slot in self.slots {
      guard let bytes = slot.type.bytes(of: slot.shape) else {
        throw CheckpointError.shapeTooLarge(path: path, name: slot.name, shape: slot.shape)
      }
      guard slot.name != "__metadata__",
        offsets.updateValue(offset..<offset + bytes, forKey: slot.name) == nil
      else { throw CheckpointError.duplicateName(path: path, name: slot.name) }
      let axes = slot.shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(Self.json(slot.name)):{\"dtype\":\"\(slot.type.rawValue)\",\"shape\":[\(axes)],"
          + "\"data_offsets\":[\(offset),\(offset + bytes)]}")
      offset += bytes
    }
    var text = Data("{\(parts.joined(separator: ","))}".utf8)
    // Spaces up to a multiple of 8, so that the values are aligned.
    text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
    var header = Data()
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { header.append(contentsOf: $0) }
    header.append(text)
    self.header = header
    ranges = offsets.mapValues { $0.lowerBound + header.count..<$0.upperBound + header.count }
  }

  private static func json(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
