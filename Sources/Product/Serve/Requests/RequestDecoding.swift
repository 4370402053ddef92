import Checkpoints
import Foundation

/// Reads JSON that came with a request; what is wrong with it is said by key.
enum RequestDecoding {
  /// - Throws: ``ServeError``
  static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch let error as ServeError {
      throw error
    } catch DecodingError.keyNotFound(let key, let context) {
      throw ServeError.missingKey(path: JSONFault.path(context.codingPath + [key]))
    } catch DecodingError.typeMismatch(let expected, let context) {
      throw ServeError.badValue(
        path: JSONFault.path(context.codingPath), reason: "has the wrong type; \(name(expected)) belongs there")
    } catch DecodingError.valueNotFound(let expected, let context) {
      throw ServeError.badValue(
        path: JSONFault.path(context.codingPath), reason: "is null; \(name(expected)) belongs there")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw ServeError.badValue(
        path: JSONFault.path(context.codingPath), reason: "cannot be read: \(context.debugDescription)")
    } catch {
      let reason = JSONFault.reason(data)
      throw ServeError.notJSON(
        reason: reason == JSONFault.unknown ? "it breaks off, or something is out of place" : reason)
    }
  }

  private static func name(_ type: Any.Type) -> String {
    // Of anything, as an object is decoded.
    if String(describing: type).hasPrefix("Dictionary<") { return "an object" }
    return switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type, is any Sequence.Type: "a list"
    default: "an object"
    }
  }
}

/// Any key of an object.
struct AnyKey: CodingKey, Hashable {
  var stringValue: String
  var intValue: Int? { nil }

  init(_ text: String) { stringValue = text }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer where Key == AnyKey {
  /// The value of a key that may be missing or null.
  func optional<Value: Decodable>(_ key: String, _ type: Value.Type = Value.self) throws -> Value? {
    try decodeIfPresent(type, forKey: AnyKey(key))
  }

  /// - Throws: ``ServeError/unknownKey(path:)``
  func refuseOthers(than known: Set<String>) throws {
    if let other = allKeys.map(\.stringValue).filter({ !known.contains($0) }).min() {
      throw ServeError.unknownKey(path: JSONFault.path(codingPath + [AnyKey(String(other.prefix(64)))]))
    }
  }
}
