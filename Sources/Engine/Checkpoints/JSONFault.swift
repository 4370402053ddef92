public import Foundation

/// What a file that should be JSON is instead, as far as its bytes tell.
public enum JSONFault {
  /// Where the bytes tell nothing.
  public static let unknown = "it is not JSON"

  /// Half a sentence.
  public static func reason(_ data: Data) -> String {
    let start = String(decoding: data.prefix(1 << 12), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if start.isEmpty { return "it is empty" }
    if start.hasPrefix("version https://git-lfs.github.com/spec/") {
      return "it is a pointer of Git LFS and not the file itself, which git lfs pull fetches"
    }
    if start.hasPrefix("<") {
      return "it is a page of HTML and not JSON; where it was fetched from may want a login"
    }
    if let word = ["NaN", "Infinity"].first(where: { stands($0, in: data) }) {
      return "it holds \(word), which JSON has no way to say"
    }
    return unknown
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
