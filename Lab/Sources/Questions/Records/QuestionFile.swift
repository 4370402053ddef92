import Checkpoints
public import Foundation

/// A file of questions: JSON, a ``QuestionRecord`` a line.
public struct QuestionFile: Sendable, Equatable {
  /// A picture each, in the order of the lines.
  public let records: [QuestionRecord]

  /// Reads and checks a file. Blank lines are passed over.
  /// - Throws: ``QuestionFileError`` naming the file, the line, and the key at which something is wrong.
  public init(reading url: URL) throws {
    records = try JSONLines.read(QuestionRecord.self, from: url) { record, place in
      if let fault = record.fault {
        throw QuestionFileError.badValue(place, key: fault.key, reason: fault.reason)
      }
    }
  }
}

/// Reads files that hold a JSON object a line. Blank lines are passed over.
package enum JSONLines {
  /// - Parameter check: throws where a value cannot be used
  /// - Throws: ``QuestionFileError`` naming the file, the line, and the key at which something is wrong.
  package static func read<Value: Decodable>(
    _ type: Value.Type, from url: URL, check: (Value, QuestionFileError.Place) throws -> Void
  ) throws -> [Value] {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw QuestionFileError.unreadable(file: url.path)
    }
    let decoder = JSONDecoder()
    var values: [Value] = []
    var lineNumber = 0
    for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      lineNumber += 1
      guard !line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) else { continue }
      let place = QuestionFileError.Place(file: url.path, line: lineNumber)
      let value = try QuestionFileError.decoding(type, from: line, at: place, with: decoder)
      try check(value, place)
      values.append(value)
    }
    guard !values.isEmpty else { throw QuestionFileError.empty(file: url.path) }
    return values
  }
}

/// Why a file of questions cannot be used.
public enum QuestionFileError: Error, Equatable, CustomStringConvertible {
  /// A line of a file.
  public struct Place: Sendable, Equatable, CustomStringConvertible {
    /// Its path.
    public var file: String
    /// From 1.
    public var line: Int

    /// Memberwise.
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
