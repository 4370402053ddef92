package import Foundation

/// One JSON file of a published model's folder, and the sentences about it.
package struct ConfigurationFile {
  package let path: String
  private let data: Data

  /// - Throws: ``ConfigurationError/unreadable(file:reason:)``
  package init(_ url: URL) throws {
    path = url.path
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw ConfigurationError.unreadable(file: url.path, reason: "the file cannot be opened")
    }
    // Published files have a few kilobytes; a deep one would exhaust the decoder's stack.
    guard data.count <= 8 << 20 else {
      throw ConfigurationError.unreadable(file: path, reason: "it is too large for a configuration")
    }
  }

  package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw ConfigurationError.missingKey(file: path, key: JSONFault.dottedPath(context.codingPath + [key]))
    } catch DecodingError.typeMismatch(_, let context) {
      throw ConfigurationError.wrongType(file: path, key: JSONFault.dottedPath(context.codingPath))
    } catch DecodingError.valueNotFound(_, let context) {
      throw ConfigurationError.wrongType(file: path, key: JSONFault.dottedPath(context.codingPath))
    } catch {
      throw ConfigurationError.unreadable(file: path, reason: JSONFault.reason(data))
    }
  }

  /// The value of a key of the file's object as JSON text, at most 200 characters of it.
  package func text(of key: String) -> String {
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any], let value = object[key],
      let json = try? JSONSerialization.data(
        withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
    else { return "missing" }
    let text = String(decoding: json, as: UTF8.self)
    return text.count > 200 ? text.prefix(200) + "…" : text
  }

  /// - Throws: ``ConfigurationError/unsupported(file:key:value:supported:)``
  package func require<Value: Equatable>(_ key: String, _ value: Value, is expected: Value) throws {
    guard value == expected else {
      throw ConfigurationError.unsupported(
        file: path, key: key, value: "\(value)", supported: "\(expected)")
    }
  }

  /// - Throws: ``ConfigurationError/badValue(file:key:value:)``
  package func check(
    _ key: String, _ value: Int, in range: ClosedRange<Int>, multipleOf factor: Int = 1
  ) throws {
    guard range.contains(value), value % factor == 0 else {
      throw ConfigurationError.badValue(file: path, key: key, value: "\(value)")
    }
  }

  /// Names by index from `id2label`, whose keys must be 0, 1, 2, ….
  package func labels(_ id2label: [String: String]) throws -> [String] {
    try (0..<id2label.count).map { index in
      guard let name = id2label[String(index)] else {
        throw ConfigurationError.missingKey(file: path, key: "id2label.\(index)")
      }
      return name
    }
  }
}
