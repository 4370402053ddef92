import Foundation

/// One JSON file of a model's folder, and the sentences about it.
struct ModelFile {
  let path: String
  private let data: Data

  /// - Throws: ``Mask2FormerError/unreadable(file:reason:)``
  init(_ url: URL) throws {
    path = url.path
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw Mask2FormerError.unreadable(file: url.path, reason: "the file cannot be opened")
    }
    // Published files have a few kilobytes; a deep one would exhaust the decoder's stack.
    guard data.count <= 8 << 20 else {
      throw Mask2FormerError.unreadable(file: path, reason: "it is too large for a configuration")
    }
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw Mask2FormerError.missingKey(file: path, key: Self.path(context.codingPath + [key]))
    } catch DecodingError.typeMismatch(_, let context) {
      throw Mask2FormerError.wrongType(file: path, key: Self.path(context.codingPath))
    } catch DecodingError.valueNotFound(_, let context) {
      throw Mask2FormerError.wrongType(file: path, key: Self.path(context.codingPath))
    } catch {
      throw Mask2FormerError.unreadable(file: path, reason: "it is not JSON")
    }
  }

  func require<Value: Equatable>(_ key: String, _ value: Value, is expected: Value) throws {
    guard value == expected else {
      throw Mask2FormerError.unsupported(
        file: path, key: key, value: "\(value)", supported: "\(expected)")
    }
  }

  /// Names by index from `id2label`, whose keys must be 0, 1, 2, ….
  func labels(_ id2label: [String: String]) throws -> [String] {
    try (0..<id2label.count).map { index in
      guard let name = id2label[String(index)] else {
        throw Mask2FormerError.missingKey(file: path, key: "id2label.\(index)")
      }
      return name
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
  }
}
