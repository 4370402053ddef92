import Checkpoints

/// A value of a JSON tree with the way to it, so that whatever is wrong with it can be named.
struct JSONField {
  let value: JSONValue
  let path: String
  /// Such as `added_tokens_decoder.3.content`; nil of all of the file.
  let name: String?

  var isNull: Bool { if case .null = value { true } else { false } }

  private func wrong(_ expected: String) -> TokenizerError {
    .wrongKind(path: path, field: name, expected: expected)
  }

  private func name(of key: String) -> String { name.map { "\($0).\(key)" } ?? key }

  func fields() throws -> [(key: String, value: JSONValue)] {
    guard case .object(let fields) = value else { throw wrong("an object") }
    return fields
  }

  func string() throws -> String {
    guard case .string(let text) = value else { throw wrong("text") }
    return text
  }

  func bool() throws -> Bool {
    guard case .bool(let value) = value else { throw wrong("true or false") }
    return value
  }

  /// A whole number that is not negative.
  func count() throws -> Int {
    guard case .number(let text) = value, let number = Int(text), number >= 0 else {
      throw wrong("a whole number from 0 on")
    }
    return number
  }

  /// The field `key`, or nil where it is not there or null.
  func optional(_ key: String) throws -> JSONField? {
    let found = try fields().filter { $0.key.utf8.elementsEqual(key.utf8) }
    guard found.count <= 1 else {
      throw TokenizerError.duplicateField(path: path, field: name(of: key))
    }
    let field = found.first.map { JSONField(value: $0.value, path: path, name: name(of: key)) }
    guard let field, !field.isNull else { return nil }
    return field
  }

  func required(_ key: String) throws -> JSONField {
    guard let field = try optional(key) else {
      throw TokenizerError.missing(path: path, field: name(of: key))
    }
    return field
  }

  func bool(_ key: String, default standard: Bool) throws -> Bool {
    try optional(key)?.bool() ?? standard
  }
}

/// A tree of JSON, for files that say by their values how the rest is to be read.
enum JSONValue {
  case null
  case bool(Bool)
  /// As it is written.
  case number(String)
  case string(String)
  /// Whose elements nothing asks for.
  case array
  case object([(key: String, value: JSONValue)])

  /// Deeper nesting than this is refused, because reading goes down as deep.
  private static let deepest = 32

  /// - Throws: `CheckpointError` where the file is no JSON.
  init(_ file: MappedFile) throws { self = try JSONScanner.read(file) { try Self.value(&$0, depth: 0) } }

  private static func value(_ scanner: inout JSONScanner, depth: Int) throws -> JSONValue {
    guard depth < deepest else { throw scanner.failure(.lessNesting) }
    switch scanner.peek() {
    case UInt8(ascii: "{"):
      var fields: [(key: String, value: JSONValue)] = []
      try scanner.object { scanner, key in
        fields.append((key, try value(&scanner, depth: depth + 1)))
      }
      return .object(fields)
    case UInt8(ascii: "["):
      try scanner.array { _ = try value(&$0, depth: depth + 1) }
      return .array
    case UInt8(ascii: "\""):
      return .string(try scanner.string())
    default:
      let word = try scanner.word()
      switch word {
      case "null": return .null
      case "true": return .bool(true)
      case "false": return .bool(false)
      default:
        guard let first = word.utf8.first, first == 0x2d || (0x30...0x39).contains(first), Double(word) != nil
        else { throw scanner.failure(.value) }
        return .number(word)
      }
    }
  }
}
