/// A value of a JSON tree with the way to it, so that whatever is wrong with it can be named.
struct JSONField {
  let value: JSONValue
  let path: String
  /// Such as `model.vocab`.
  let name: String

  var isNull: Bool { if case .null = value { true } else { false } }

  private func wrong(_ expected: String) -> TokenizerError {
    .wrongKind(path: path, field: name, expected: expected)
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
