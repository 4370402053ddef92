package import Foundation

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
