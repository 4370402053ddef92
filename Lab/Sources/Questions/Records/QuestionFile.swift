public import Foundation

/// A file of questions: JSON, a ``QuestionRecord`` a line.
public struct QuestionFile: Sendable, Equatable {
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
