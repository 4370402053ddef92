public import Foundation

/// A file of questions: JSON, a ``QuestionRecord`` a line.
public struct QuestionFile: Sendable, Equatable {
  public let records: [QuestionRecord]

  /// Reads and checks a file. Blank lines are passed over.
  /// - Throws: ``QuestionFileError`` naming the file, the line, and the key at which something is wrong.
  public init(reading url: URL) throws {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw QuestionFileError.unreadable(file: url.path)
    }
    let decoder = JSONDecoder()
    var records: [QuestionRecord] = []
    var lineNumber = 0
    for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      lineNumber += 1
      guard !line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) else { continue }
      let place = QuestionFileError.Place(file: url.path, line: lineNumber)
      let record = try QuestionFileError.decoding(QuestionRecord.self, from: line, at: place, with: decoder)
      if let fault = record.fault {
        throw QuestionFileError.badValue(place, key: fault.key, reason: fault.reason)
      }
      records.append(record)
    }
    guard !records.isEmpty else { throw QuestionFileError.empty(file: url.path) }
    self.records = records
  }
}
