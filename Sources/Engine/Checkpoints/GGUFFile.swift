public import Foundation
public import Tensors

/// A file in llama.cpp's format: metadata of many types, and tensors in ggml's block formats, mapped.
///
/// Follows the specification of GGUF, versions 2 and 3, little-endian. Opening checks everything that the file
/// says about itself; values are touched when a matrix is used.
public struct GGUFFile: Sendable {
  /// A value of the metadata.
  public enum Value: Sendable, Equatable {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case bool(Bool)
    case string(String)
    case integers([Int64])
    case floats([Float])
    case strings([String])
    /// An array of arrays or of booleans, which nothing here needs.
    case skipped
  }

  /// Where a tensor lies, and as what.
  public struct Entry: Sendable {
    /// Of the tensor.
    public let name: String
    /// The length of every axis, outermost first: the reverse of the file's order.
    public let shape: [Int]
    /// How its values are stored.
    public let format: MatrixFormat
    /// Bytes of the file.
    public let range: Range<Int>
  }

  /// The bytes.
  public let file: MappedFile
  /// By key.
  public let metadata: [String: Value]
  /// In the order of the file.
  public let entries: [Entry]
  private let positions: [String: Int]

  /// - Throws: ``CheckpointError``
  public init(_ url: URL) throws {
    try self.init(try MappedFile(url))
  }

  /// - Throws: ``CheckpointError``
  package init(_ file: MappedFile) throws {
    guard file.size > 0 else { throw CheckpointError.empty(path: file.path) }
    let header = try file.readAll { try GGUFHeader($0, path: file.path) }
    var positions: [String: Int] = [:]
    for (index, entry) in header.entries.enumerated() {
      guard positions.updateValue(index, forKey: entry.name) == nil else {
        throw CheckpointError.duplicateName(path: file.path, name: entry.name)
      }
    }
    self.file = file
    metadata = header.metadata
    entries = header.entries
    self.positions = positions
  }

  /// nil where the file has no such tensor.
  public func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// A tensor of two axes as a matrix over the mapped bytes.
  /// - Throws: ``CheckpointError`` when it is missing or has another shape.
  public func matrix(_ name: String, rows: Int, columns: Int) throws -> QuantizedMatrix {
    let entry = try existing(name, shape: [rows, columns])
    return try QuantizedMatrix(entry.format, rows: rows, columns: columns, file: file, range: entry.range)
  }

  /// A tensor as floats, in memory of its own.
  /// - Throws: ``CheckpointError`` when it is missing, has another shape, or holds what is not a finite number.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    let entry = try existing(name, shape: shape)
    let columns = shape.last ?? 1
    let matrix = try QuantizedMatrix(
      entry.format, rows: shape.dropLast().reduce(1, *), columns: columns, file: file, range: entry.range)
    let tensor = matrix.dequantized().reshaped(shape)
    if let index = tensor.firstNonFiniteIndex {
      throw CheckpointError.notFinite(path: file.path, name: name, index: index)
    }
    return tensor
  }

  private func existing(_ name: String, shape: [Int]) throws -> Entry {
    guard let entry = entry(named: name) else {
      throw CheckpointError.missingTensor(path: file.path, name: name)
    }
    guard entry.shape == shape else {
      throw CheckpointError.wrongShape(path: file.path, name: name, expected: shape, got: entry.shape)
    }
    return entry
  }
}

/// What stands before the values of a GGUF file.
struct GGUFHeader {
  private(set) var metadata: [String: GGUFFile.Value] = [:]
  private(set) var entries: [GGUFFile.Entry] = []

  /// More than any model has; a file that claims more is not worth the memory to find out.
  private static let mostTensors = 1 << 16
  private static let mostKeys = 1 << 16

  private var reader: ByteReader
  private let path: String
  private let size: Int

  init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
    reader = ByteReader(bytes)
    self.path = path
    size = bytes.count
    guard let magic = reader.take(4), magic.elementsEqual("GGUF".utf8) else {
      throw CheckpointError.notGGUF(path: path)
    }
    let version = try number(UInt32.self)
    guard version == 2 || version == 3 else {
      throw CheckpointError.ggufVersion(path: path, version: version)
    }
    let tensors = try count(atMost: Self.mostTensors)
    let keys = try count(atMost: Self.mostKeys)
    for _ in 0..<keys {
      let key = try string()
      guard metadata.updateValue(try value(), forKey: key) == nil else {
        throw CheckpointError.duplicateName(path: path, name: key)
      }
    }
    var alignment = 32
    switch metadata["general.alignment"] {
    case nil: break
    case .unsigned(let given) where given > 0 && given <= 1 << 16 && given & (given - 1) == 0:
      alignment = Int(given)
    default:
      throw CheckpointError.wrongMetadata(
        path: path, key: "general.alignment", expected: "a power of two, without a sign")
    }
    let descriptions = try (0..<tensors).map { _ in try description() }
    let start = (reader.position + alignment - 1) / alignment * alignment
    entries = try descriptions.map { try entry($0, start: start) }
    try checkLayout(from: start, alignment: alignment)
  }

  /// Each tensor begins where the one before it ends, but for what aligns it (gguf's specification; llama.cpp refuses
  /// the same).
  private func checkLayout(from start: Int, alignment: Int) throws {
    var (end, previous) = (start, "")
    for entry in entries.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard entry.range.lowerBound >= end else {
        throw CheckpointError.overlap(path: path, first: previous, second: entry.name)
      }
      guard entry.range.lowerBound == start + (end - start + alignment - 1) / alignment * alignment else {
        throw CheckpointError.hole(path: path, from: end, to: entry.range.lowerBound)
      }
      (end, previous) = (entry.range.upperBound, entry.name)
    }
  }

  private struct Description {
    var name: String
    var shape: [Int]
    var type: UInt32
    var offset: UInt64
  }

  private mutating func description() throws -> Description {
    let name = try string()
    let axes = try number(UInt32.self)
    guard (1...4).contains(axes) else { throw damaged() }
    let shape = try (0..<axes).map { _ in
      guard let length = Int(exactly: try number(UInt64.self)), length > 0 else { throw damaged() }
      return length
    }
    return Description(
      name: name, shape: shape.reversed(), type: try number(UInt32.self),
      offset: try number(UInt64.self))
  }

  private func entry(_ described: Description, start: Int) throws -> GGUFFile.Entry {
    let (name, shape) = (described.name, described.shape)
    guard let format = MatrixFormat(ggmlType: described.type) else {
      throw CheckpointError.unknownType(path: path, name: name, type: "ggml type \(described.type)")
    }
    guard let bytes = format.bytes(of: shape) else {
      throw CheckpointError.shapeTooLarge(path: path, name: name, shape: shape)
    }
    guard let offset = Int(exactly: described.offset), offset <= size, start <= size,
      bytes <= size - offset, start + offset <= size - bytes
    else {
      let begin = Int(truncatingIfNeeded: described.offset)
      throw CheckpointError.outsideFile(
        path: path, name: name, begin: begin, end: begin &+ bytes, available: max(0, size - start))
    }
    return GGUFFile.Entry(
      name: name, shape: shape, format: format, range: start + offset..<start + offset + bytes)
  }

  // MARK: values

  private mutating func value() throws -> GGUFFile.Value {
    let type = try number(UInt32.self)
    guard type == Self.arrayType else { return try scalar(type) }
    return try array(depth: 0)
  }

  private static let arrayType: UInt32 = 9

  /// Arrays in an array are read past, a few deep.
  private mutating func array(depth: Int) throws -> GGUFFile.Value {
    let element = try number(UInt32.self)
    // Every element takes at least a byte, so the file's size bounds the count.
    let count = try count(atMost: reader.remaining)
    switch element {
    case 8:
      var strings: [String] = []
      strings.reserveCapacity(min(count, reader.remaining / 8))
      for _ in 0..<count { strings.append(try string()) }
      return .strings(strings)
    case 0, 1, 2, 3, 4, 5, 10, 11:
      return .integers(
        try (0..<count).map { _ in
          switch try scalar(element) {
          case .unsigned(let value): Int64(clamping: value)
          case .signed(let value): value
          default: throw damaged()
          }
        })
    case 6, 12:
      return .floats(
        try (0..<count).map { _ in
          guard case .float(let value) = try scalar(element) else { throw damaged() }
          return Float(value)
        })
    case 7:
      guard reader.take(count) != nil else { throw damaged() }
      return .skipped
    case Self.arrayType where depth < 4:
      for _ in 0..<count { _ = try array(depth: depth + 1) }
      return .skipped
    default:
      throw damaged()
    }
  }

  private mutating func scalar(_ type: UInt32) throws -> GGUFFile.Value {
    switch type {
    case 0: .unsigned(UInt64(try number(UInt8.self)))
    case 1: .signed(Int64(try number(Int8.self)))
    case 2: .unsigned(UInt64(try number(UInt16.self)))
    case 3: .signed(Int64(try number(Int16.self)))
    case 4: .unsigned(UInt64(try number(UInt32.self)))
    case 5: .signed(Int64(try number(Int32.self)))
    case 6: .float(Double(Float(bitPattern: try number(UInt32.self))))
    case 7: .bool(try number(UInt8.self) != 0)
    case 8: .string(try string())
    case 10: .unsigned(try number(UInt64.self))
    case 11: .signed(try number(Int64.self))
    case 12: .float(Double(bitPattern: try number(UInt64.self)))
    default: throw damaged()
    }
  }

  private mutating func string() throws -> String {
    let length = try count(atMost: reader.remaining)
    guard let bytes = reader.take(length) else { throw damaged() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func count(atMost most: Int) throws -> Int {
    guard let count = Int(exactly: try number(UInt64.self)), count <= most else { throw damaged() }
    return count
  }

  private mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type
  ) throws -> Number {
    guard let number = reader.number(type) else { throw damaged() }
    return number
  }

  private func damaged() -> CheckpointError { .ggufDamaged(path: path, offset: reader.position) }
}
