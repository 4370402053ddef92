import Checkpoints
import Foundation

/// Why a file of questions cannot be used.
public enum QuestionFileError: Error, Equatable, CustomStringConvertible {
  public struct Place: Sendable, Equatable, CustomStringConvertible {
    public var file: String
    /// From 1.
    public var line: Int

    public init(file: String, line: Int) {
      self.file = file
      self.line = line
    }

    public var description: String { "\(file), line \(line)" }
  }

  case unreadable(file: String)
  case empty(file: String)
  case notJSON(Place)
  /// Something else than JSON, that is known.
  case unreadableLine(Place, reason: String)
  /// JSON, but with a value of no use anywhere.
  case badNumber(Place)
  case missingKey(Place, key: String)
  case wrongType(Place, key: String)
  case badValue(Place, key: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let file): "\(file) cannot be opened"
    case .empty(let file): "\(file) holds no questions"
    case .notJSON(let place): "\(place): this is not a JSON object"
    case .unreadableLine(let place, let reason): "\(place) cannot be read: \(reason)"
    case .badNumber(let place): "\(place): a number is too large, or not a whole one"
    case .missingKey(let place, let key): "\(place): the key \"\(key)\" is missing"
    case .wrongType(let place, let key): "\(place): the value of \"\(key)\" has the wrong type"
    case .badValue(let place, let key, let reason): "\(place): the value of \"\(key)\" \(reason)"
    }
  }

  static func decoding<Value: Decodable>(
    _ type: Value.Type, from data: Data, at place: Place, with decoder: JSONDecoder
  ) throws -> Value {
    let path = JSONFault.path
    do {
      return try decoder.decode(type, from: data)
    } catch DecodingError.keyNotFound(let key, let context) {
      throw QuestionFileError.missingKey(place, key: path(context.codingPath + [key]))
    } catch DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty {
      throw QuestionFileError.wrongType(place, key: path(context.codingPath))
    } catch DecodingError.valueNotFound(_, let context) where !context.codingPath.isEmpty {
      throw QuestionFileError.wrongType(place, key: path(context.codingPath))
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw QuestionFileError.badValue(place, key: path(context.codingPath), reason: "is not one that is known")
    } catch {
      // Numbers that do not fit come without their key.
      let isObject = (try? JSONSerialization.jsonObject(with: data)) is [String: Any]
      if isObject { throw QuestionFileError.badNumber(place) }
      let reason = JSONFault.reason(data)
      throw reason == JSONFault.unknown
        ? QuestionFileError.notJSON(place) : .unreadableLine(place, reason: reason)
    }
  }
}
