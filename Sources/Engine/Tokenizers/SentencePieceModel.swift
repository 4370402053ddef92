import Checkpoints
import Foundation

/// What a SentencePiece model says, from its file or from elsewhere.
struct SentencePieceModel {
  struct Piece {
    var name: String
    var score: Float = 0
    var type = TokenType.normal
  }

  var path: String
  var pieces: [Piece] = []
  /// `trainer_spec.model_type`: 1 unigram, 2 BPE, 3 word, 4 character.
  var modelType: UInt64 = 1
  var fallsBackToBytes = false
  var puttingSpaceBehind = false
  var addsDummyPrefix = true
  var removesExtraSpaces = true
  var escapesSpaces = true
  var normalizer = ""
  var hasCharacterMap = false
  var hasDenormalizer = false
  private var beginPiece = "<s>"
  /// The token that starts a text; nil where there is none.
  var beginOfText: Int?
  var unknownSurface = " \u{2047} "

  init(path: String) { self.path = path }

  /// - Parameter url: of a `tokenizer.model`
  /// - Throws: ``TokenizerError`` when it cannot be read, is no such model, or cut short, or one that texts are
  ///   prepared for in a way that is unknown here.
  init(_ url: URL) throws {
    path = url.path
    var parts: Set<Int> = []
    let file: MappedFile
    do { file = try MappedFile(url) } catch let error as CheckpointError { throw TokenizerError.file(error) }
    try file.readAll { bytes in
      var reader = ProtobufReader(bytes, path: path, start: 0)
      while let (field, value) = try reader.next() {
        guard case .bytes(let message, let offset) = value else { continue }
        parts.insert(field)
        var part = ProtobufReader(message, path: path, start: offset)
        switch field {
        case 1: pieces.append(try piece(&part))
        case 2: try readTraining(&part)
        case 3: try readNormalizer(&part)
        case 5: try readDenormalizer(&part)
        default: break
        }
      }
    }
    guard !pieces.isEmpty else { throw TokenizerError.emptyVocabulary(path: path) }
    // Behind the pieces in every file that SentencePiece writes. What a file without them would mean is another model.
    for (field, name) in [(2, "trainer_spec"), (3, "normalizer_spec")] where !parts.contains(field) {
      throw TokenizerError.missing(path: path, field: name)
    }
    try refuseUnknown()
    beginOfText = pieces.firstIndex { $0.type == .control && $0.name.utf8.elementsEqual(beginPiece.utf8) }
  }

  private func text(_ bytes: UnsafeRawBufferPointer) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TokenizerError.notUTF8(path: path, token: pieces.count)
    }
    return text
  }

  private func piece(_ reader: inout ProtobufReader) throws -> Piece {
    var piece = Piece(name: "")
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let bytes, _)): piece.name = try text(bytes)
      case (2, .fixed32(let bits)): piece.score = Float(bitPattern: bits)
      case (3, .varint(let number)):
        guard let type = TokenType(rawValue: Int(truncatingIfNeeded: number)) else {
          throw TokenizerError.unsupported(
            path: path, field: "the type of token \(pieces.count)", value: "\(number)")
        }
        piece.type = type
      default: break
      }
    }
    return piece
  }

  private mutating func readTraining(_ reader: inout ProtobufReader) throws {
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (3, .varint(let number)): modelType = number
      case (24, .varint(let number)): puttingSpaceBehind = number != 0
      case (35, .varint(let number)): fallsBackToBytes = number != 0
      case (44, .bytes(let bytes, _)): unknownSurface = try text(bytes)
      case (46, .bytes(let bytes, _)): beginPiece = try text(bytes)
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ reader: inout ProtobufReader) throws {
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let bytes, _)): normalizer = try text(bytes)
      case (2, .bytes(let bytes, _)): hasCharacterMap = !bytes.isEmpty
      case (3, .varint(let number)): addsDummyPrefix = number != 0
      case (4, .varint(let number)): removesExtraSpaces = number != 0
      case (5, .varint(let number)): escapesSpaces = number != 0
      default: break
      }
    }
  }

  private mutating func readDenormalizer(_ reader: inout ProtobufReader) throws {
    while let (field, value) = try reader.next() {
      if case (2, .bytes(let bytes, _)) = (field, value) { hasDenormalizer = !bytes.isEmpty }
    }
  }

  private func refuseUnknown() throws {
    func refuse(_ field: String, _ value: String) throws {
      throw TokenizerError.unsupported(path: path, field: field, value: value)
    }
    let types: [UInt64: String] = [1: "unigram", 3: "word", 4: "char"]
    if modelType != 2 { try refuse("trainer_spec.model_type", types[modelType] ?? "\(modelType)") }
    if hasCharacterMap { try refuse("normalizer_spec.name", normalizer.debugDescription) }
    if !escapesSpaces { try refuse("normalizer_spec.escape_whitespaces", "false") }
    if puttingSpaceBehind { try refuse("trainer_spec.treat_whitespace_as_suffix", "true") }
    if hasDenormalizer { try refuse("denormalizer_spec", "with a map of characters") }
  }
}

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
