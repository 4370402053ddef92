import AtomicFiles
public import Foundation
public import Tensors

/// Writes tensors as a safetensors file, the same bytes for the same tensors every time.
///
/// Every value is aligned (`SafetensorsLayout`), so that float32 tensors can be used from the mapped file without a
/// copy.
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
    let layout = try SafetensorsLayout(
      tensors.map { .init(name: $0.key, type: $0.value.elementType, shape: $0.value.shape) },
      metadata: metadata, path: url.path)
    for (name, values) in tensors {
      let (type, shape, bytes) = (values.elementType, values.shape, layout.ranges[name]?.count ?? 0)
      guard bytes == values.count * type.size else {
        throw CheckpointError.wrongLength(
          path: url.path, name: name, shape: shape, type: type, expected: bytes, got: values.count * type.size)
      }
    }
    try AtomicFile.write(to: url) { output in
      try output.append(layout.header)
      for slot in layout.slots {
        try tensors[slot.name]?.forEachPiece { try output.append($0) }
      }
    }
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
    case .stored(let entry):
      try entry.withDenseBytes { bytes, _ in
        for start in stride(from: 0, to: bytes.count, by: 1 << 22) {
          try body(Data(bytes[start..<min(start + 1 << 22, bytes.count)]))
        }
      }
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
