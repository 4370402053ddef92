import Checkpoints

/// Walks over the fields of one protobuf message.
struct ProtobufReader {
  /// A field's number and what it holds, as it is on the wire.
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(UnsafeRawBufferPointer, offset: Int)
  }

  private var reader: ByteReader
  private let path: String
  /// Where the message starts in the file, for messages to people.
  private let start: Int

  init(_ message: UnsafeRawBufferPointer, path: String, start: Int) {
    reader = ByteReader(message)
    self.path = path
    self.start = start
  }

  private var damaged: TokenizerError { .notProtobuf(path: path, offset: start + reader.position) }

  /// The next field, or nil at the end.
  mutating func next() throws -> (field: Int, value: Value)? {
    guard reader.remaining > 0 else { return nil }
    let tag = try varint()
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw damaged }
    let value: Value
    switch tag & 7 {
    case 0: value = .varint(try varint())
    case 1:
      guard let number = reader.number(UInt64.self) else { throw damaged }
      value = .fixed64(number)
    case 2:
      guard let length = Int(exactly: try varint()) else { throw damaged }
      let offset = start + reader.position
      guard let bytes = reader.take(length) else { throw damaged }
      value = .bytes(bytes, offset: offset)
    case 5:
      guard let number = reader.number(UInt32.self) else { throw damaged }
      value = .fixed32(number)
    default:
      // Groups, which no SentencePiece model has.
      throw damaged
    }
    return (Int(tag >> 3), value)
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = reader.number(UInt8.self) else { throw damaged }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw damaged
  }
}
