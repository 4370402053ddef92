import AtomicFiles
public import Foundation
public import Tensors

/// Writes tensors as a safetensors file, the same bytes for the same tensors every time.
///
/// Tensors are laid out as the reference implementation does it, wide types first and then by name, so that
/// every value is aligned and float32 tensors can be used from the mapped file without a copy.
public struct SafetensorsWriter: Sendable {
  /// What to write under a name.
  public enum Values: Sendable {
    case float32(Tensor)
    /// Rounded to the nearest half; what is beyond 65504 becomes infinite.
    case float16(Tensor)
    /// Rounded to the nearest bfloat16.
    case bfloat16(Tensor)
    case int32([Int32], shape: [Int])
    case int64([Int64], shape: [Int])
    case uint8([UInt8], shape: [Int])
    /// A tensor of another file, as it is stored there.
    case stored(Checkpoint.Entry)
  }

  private var tensors: [String: Values] = [:]
  private let metadata: [String: String]

  /// - Parameter metadata: notes for readers of the file
  public init(metadata: [String: String] = [:]) {
    self.metadata = metadata
  }

  /// Adds a tensor, in place of one of the same name.
  public subscript(name: String) -> Values? {
    get { tensors[name] }
    set { tensors[name] = newValue }
  }

  /// Writes the file whole or not at all; the folder must exist.
  /// - Throws: ``CheckpointError`` when a name is reserved or a shape does not fit its values,
  ///   `AtomicFileError` when the file cannot be written.
  public func write(to url: URL) throws {
    let ordered = tensors.sorted { a, b in
      (-a.value.elementType.size, a.value.elementType.rawValue, a.key)
        < (-b.value.elementType.size, b.value.elementType.rawValue, b.key)
    }
    let header = try header(ordered, path: url.path)
    try AtomicFile.write(to: url) { output in
      try output.append(header)
      for (_, values) in ordered {
        try values.forEachPiece { try output.append($0) }
      }
    }
  }

  private func header(_ ordered: [(key: String, value: Values)], path: String) throws -> Data {
    var parts: [String] = []
    if !metadata.isEmpty {
      let notes = metadata.sorted { $0.key < $1.key }.map { "\(Self.json($0.key)):\(Self.json($0.value))" }
      parts.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
    }
    var offset = 0
    for (name, values) in ordered {
      guard name != "__metadata__" else {
        throw CheckpointError.duplicateName(path: path, name: name)
      }
      let (type, shape) = (values.elementType, values.shape)
      guard let bytes = type.bytes(of: shape) else {
        throw CheckpointError.shapeTooLarge(path: path, name: name, shape: shape)
      }
      guard bytes == values.count * type.size else {
        throw CheckpointError.wrongLength(
          path: path, name: name, shape: shape, type: type, expected: bytes,
          got: values.count * type.size)
      }
      let axes = shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(Self.json(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(axes)],"
          + "\"data_offsets\":[\(offset),\(offset + bytes)]}")
      offset += bytes
    }
    var text = Data("{\(parts.joined(separator: ","))}".utf8)
    // Spaces up to a multiple of 8, so that the values are aligned.
    text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
    var header = Data()
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { header.append(contentsOf: $0) }
    header.append(text)
    return header
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

extension SafetensorsWriter.Values {
  var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int32: .int32
    case .int64: .int64
    case .uint8: .uint8
    case .stored(let entry): entry.elementType
    }
  }

  var shape: [Int] {
    switch self {
    case .float32(let tensor), .float16(let tensor), .bfloat16(let tensor): tensor.shape
    case .int32(_, let shape), .int64(_, let shape), .uint8(_, let shape): shape
    case .stored(let entry): entry.shape
    }
  }

  var count: Int {
    switch self {
    case .float32(let tensor), .float16(let tensor), .bfloat16(let tensor): tensor.count
    case .int32(let values, _): values.count
    case .int64(let values, _): values.count
    case .uint8(let values, _): values.count
    case .stored(let entry): entry.count
    }
  }

  /// Calls `body` with the stored form of the values, a piece at a time.
  func forEachPiece(_ body: (Data) throws -> Void) throws {
    switch self {
    case .float32(let tensor): try Self.pieces(of: tensor, body) { Data(buffer: $0) }
    case .float16(let tensor):
      try Self.pieces(of: tensor, body) { Self.data($0.map(HalfPrecision.float16)) }
    case .bfloat16(let tensor):
      try Self.pieces(of: tensor, body) { Self.data($0.map(HalfPrecision.bfloat16)) }
    case .int32(let values, _): try body(Self.data(values))
    case .int64(let values, _): try body(Self.data(values))
    case .uint8(let values, _): try body(Data(values))
    case .stored(let entry): try entry.withDenseBytes { bytes, _ in try body(Data(bytes)) }
    }
  }

  private static func data(_ values: [some BitwiseCopyable]) -> Data {
    values.withUnsafeBytes { Data($0) }
  }

  private static func pieces(
    of tensor: Tensor, _ body: (Data) throws -> Void,
    _ stored: (UnsafeBufferPointer<Float>) -> Data
  ) throws {
    try tensor.read { values in
      for start in stride(from: 0, to: tensor.count, by: 1 << 18) {
        try body(
          stored(
            UnsafeBufferPointer(start: values + start, count: min(1 << 18, tensor.count - start))))
      }
    }
  }
}
