import Checkpoints

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
