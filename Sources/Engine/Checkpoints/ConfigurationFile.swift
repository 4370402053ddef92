public import Foundation

/// One JSON file of a published model's folder, and the sentences about it.
package struct ConfigurationFile {
  package let path: String
  private let data: Data

  /// - Throws: ``ConfigurationError/unreadable(file:reason:)``
  package init(_ url: URL) throws {
    path = url.path
    // Published files have a few kilobytes; a deep one would exhaust the decoder's stack, a huge one memory.
    let most = 8 << 20
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      data = try handle.read(upToCount: most + 1) ?? Data()
    } catch {
      throw ConfigurationError.unreadable(file: url.path, reason: "the file cannot be opened")
    }
    guard data.count <= most else {
      throw ConfigurationError.unreadable(file: path, reason: "it is too large for a configuration")
    }
  }

  package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw ConfigurationError.missingKey(file: path, key: JSONFault.dottedPath(context.codingPath + [key]))
    } catch {
      if let place = JSONFault.placeOfWrongType(error) {
        throw ConfigurationError.wrongType(file: path, key: JSONFault.dottedPath(place))
      }
      throw ConfigurationError.unreadable(file: path, reason: JSONFault.reason(data, error))
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

  /// The same of a number that need not be whole; one that is none is in no range.
  /// - Throws: ``ConfigurationError/badValue(file:key:value:)``
  package func check(_ key: String, _ value: Double, in range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
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

/// Why a JSON file of a published model's folder does not describe a model that can be run.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case missingKey(file: String, key: String)
  case wrongType(file: String, key: String)
  case badValue(file: String, key: String, value: String)
  case unsupported(file: String, key: String, value: String, supported: String)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file) cannot be read as a model's configuration: \(reason)"
    case .missingKey(let file, let key):
      "\(file) lacks the key \"\(key)\""
    case .wrongType(let file, let key):
      "\(file): the value of \"\(key)\" has the wrong type"
    case .badValue(let file, let key, let value):
      "\(file): \"\(key)\" is \(value), which is out of range or does not fit the other sizes"
    case .unsupported(let file, let key, let value, let supported):
      "\(file): \"\(key)\" is \(value), but only \(supported) is supported"
    }
  }
}

/// What a file that should be JSON is instead, as far as its bytes show.
public enum JSONFault {
  /// Where the bytes show nothing.
  public static let unknown = "it is not JSON"

  /// The same where decoding it has failed.
  public static func reason(_ data: Data, _ error: any Error) -> String {
    let reason = reason(data)
    guard reason == unknown, case DecodingError.dataCorrupted(let context) = error else { return reason }
    // What Foundation says of a number that is JSON and does not fit.
    guard (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil else {
      return reason
    }
    let place = dottedPath(context.codingPath)
    return "a number\(place.isEmpty ? "" : " (\(place))") is too large, or not a whole one"
  }

  /// Half a sentence.
  public static func reason(_ data: Data) -> String {
    let text = data.dropFirst(ByteOrderMark.length(in: data))
    let start = String(decoding: text.prefix(1 << 12), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if start.isEmpty { return "it is empty" }
    if start.hasPrefix(GitLFSPointer.start) {
      return "it is a pointer of Git LFS and not the file itself, which git lfs pull fetches"
    }
    if start.hasPrefix("<") {
      let lowercase = start.lowercased()
      return ["<html", "<!doctype html"].contains(where: lowercase.contains)
        ? "it is a page of HTML and not JSON; where it was fetched from may want a login"
        : "it is XML and not JSON"
    }
    if let value = try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed),
      !(value is [String: Any])
    {
      return "it is not an object with keys"
    }
    if let word = ["NaN", "Infinity"].first(where: { stands($0, in: data) }) {
      return "it holds \(word), which JSON has no way to say"
    }
    return unknown
  }

  /// The way to a value that is null, or of another type than the one that belongs there; nil where something else is
  /// wrong, and where no key leads to the value, as it is all of the file.
  public static func placeOfWrongType(_ error: any Error) -> [any CodingKey]? {
    switch error {
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      context.codingPath.isEmpty ? nil : context.codingPath
    default: nil
    }
  }

  /// Where a value stands: `annotations.[0].area`.
  public static func dottedPath(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
  }

  /// The same as programs write it: `messages[0].content`.
  public static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce(into: "") { path, key in
      path += key.intValue.map { "[\($0)]" } ?? (path.isEmpty ? "" : ".") + key.stringValue
    }
  }

  /// Whether a word stands outside of strings.
  private static func stands(_ word: String, in data: Data) -> Bool {
    let word = Array(word.utf8)
    var matched = 0
    var isInString = false
    var isEscaped = false
    for byte in data {
      if isInString {
        let ends = byte == UInt8(ascii: "\"") && !isEscaped
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        isInString = !ends
      } else if byte == UInt8(ascii: "\"") {
        (isInString, isEscaped, matched) = (true, false, 0)
      } else {
        matched = byte == word[matched] ? matched + 1 : byte == word[0] ? 1 : 0
        if matched == word.count { return true }
      }
    }
    return false
  }
}
