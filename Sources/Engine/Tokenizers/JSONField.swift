import Checkpoints

/// A value of a JSON tree with the way to it, so that whatever is wrong with it can be named.
struct JSONField {
  let value: JSONValue
  let path: String
  /// Such as `model.vocab`.
  let name: String

  var isNull: Bool { if case .null = value { true } else { false } }

  private func wrong(_ expected: String) -> TokenizerError {
    .wrongKind(path: path, field: name.isEmpty ? "beginning" : name, expected: expected)
  }

  /// The value is known, but nothing here does what it asks for.
  func unsupported() -> TokenizerError {
    .unsupported(path: path, field: name, value: value.description)
  }

  private func child(_ key: String, _ value: JSONValue) -> JSONField {
    JSONField(value: value, path: path, name: name.isEmpty ? key : "\(name).\(key)")
  }

  func fields() throws -> [(key: String, value: JSONValue)] {
    guard case .object(let fields) = value else { throw wrong("an object") }
    return fields
  }

  func elements() throws -> [JSONField] {
    guard case .array(let elements) = value else { throw wrong("a list") }
    return elements.enumerated().map { JSONField(value: $1, path: path, name: "\(name)[\($0)]") }
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
      throw TokenizerError.duplicateField(path: path, field: child(key, .null).name)
    }
    guard let field = found.first.map({ child(key, $0.value) }), !field.isNull else { return nil }
    return field
  }

  func required(_ key: String) throws -> JSONField {
    guard let field = try optional(key) else {
      throw TokenizerError.missing(path: path, field: child(key, .null).name)
    }
    return field
  }

  func bool(_ key: String, default standard: Bool) throws -> Bool {
    try optional(key)?.bool() ?? standard
  }

  /// - Throws: ``TokenizerError/unsupported(path:field:value:)`` naming a field that is not one of `known`.
  func allowOnly(_ known: Set<String>) throws {
    for field in try fields() where !known.contains(field.key) {
      throw child(field.key, field.value).unsupported()
    }
  }

  /// - Throws: ``TokenizerError/unsupported(path:field:value:)`` unless `key` is missing, null or empty text.
  func requireNothing(_ key: String) throws {
    guard let field = try optional(key) else { return }
    if case .string("") = field.value { return }
    throw field.unsupported()
  }
}

/// A tree of JSON, for files that say by their values how the rest is to be read.
enum JSONValue {
  case null
  case bool(Bool)
  /// As it is written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  /// Deeper nesting than this is refused, because reading goes down as deep.
  private static let deepest = 32

  /// - Throws: `CheckpointError` where `text` is no JSON.
  init(_ text: UnsafeRawBufferPointer, path: String) throws {
    var scanner = JSONScanner(text, path: path, start: 0)
    self = try Self.value(&scanner, depth: 0)
    try scanner.expectEnd()
  }

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
      var elements: [JSONValue] = []
      try scanner.array { elements.append(try value(&$0, depth: depth + 1)) }
      return .array(elements)
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

extension JSONValue: CustomStringConvertible {
  /// Short, for messages.
  var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): text
    case .string(let text): text.count > 60 ? text.prefix(60).debugDescription + "…" : text.debugDescription
    case .array(let elements): "a list of \(elements.count)"
    case .object(let fields): "an object of \(fields.count) fields"
    }
  }
}
