import Checkpoints
public import Foundation

/// A file of questions: JSON, a ``QuestionRecord`` a line.
public struct QuestionFile: Sendable, Equatable {
  /// A line whose questions are not asked.
  public struct Fault: Sendable, Equatable {
    /// As the line has it.
    public let record: QuestionRecord
    /// A sentence that names the file and what of it is meant.
    public let reason: String

    /// Memberwise.
    public init(record: QuestionRecord, reason: String) {
      self.record = record
      self.reason = reason
    }
  }

  /// A picture each, in the order of the lines.
  public let records: [QuestionRecord]
  /// Lines that mean no place, and are left out of ``records``: a box of theirs has no area.
  public let faults: [Fault]

  /// Reads and checks a file. Blank lines are passed over.
  /// - Throws: ``QuestionFileError`` naming the file, the line, and the key at which something is wrong.
  public init(reading url: URL) throws {
    var (records, faults): ([QuestionRecord], [Fault]) = ([], [])
    try JSONLines.read(QuestionRecord.self, from: url) { record, place in
      func error(_ fault: RecordFault) -> QuestionFileError {
        .badValue(place, key: fault.key, reason: fault.reason)
      }
      if let fault = record.fault { throw error(fault) }
      if let flat = record.flatBox {
        faults.append(Fault(record: record, reason: error(flat).description))
      } else {
        records.append(record)
      }
    }
    self.records = records
    self.faults = faults
  }
}

/// Reads files that hold a JSON object a line. Blank lines are passed over.
package enum JSONLines {
  /// - Parameter take: called with the value of each line; throws where it cannot be used
  /// - Throws: ``QuestionFileError`` naming the file, the line, and the key at which something is wrong.
  package static func read<Value: Decodable>(
    _ type: Value.Type, from url: URL, take: (Value, QuestionFileError.Place) throws -> Void
  ) throws {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw QuestionFileError.unreadable(file: url.path)
    }
    let decoder = JSONDecoder()
    var isEmpty = true
    var lineNumber = 0
    let text = data.dropFirst(ByteOrderMark.length(in: data))
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      lineNumber += 1
      guard !line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) else { continue }
      let place = QuestionFileError.Place(file: url.path, line: lineNumber)
      try take(QuestionFileError.decoding(type, from: line, at: place, with: decoder), place)
      isEmpty = false
    }
    guard !isEmpty else { throw QuestionFileError.empty(file: url.path) }
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
  /// Something else than a JSON object.
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
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw QuestionFileError.badValue(place, key: path(context.codingPath), reason: "is not one that is known")
    } catch {
      if let way = JSONFault.placeOfWrongType(error) {
        throw QuestionFileError.wrongType(place, key: path(way))
      }
      // Numbers that do not fit come without their key.
      let isObject = (try? JSONSerialization.jsonObject(with: data)) is [String: Any]
      throw isObject
        ? QuestionFileError.badNumber(place) : .unreadableLine(place, reason: JSONFault.reason(data))
    }
  }
}
