import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What is said to a person, on standard error; answers go to standard output by `print`.
enum Console {
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// nil where standard error is not a terminal.
  static var columns: Int? {
    var size = winsize()
    guard isTerminal, ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
    return size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  static func message(_ text: String) { write(text + "\n") }

  /// Names that something is said of, the first few of them; nothing where there are none.
  static func list(_ what: String, _ names: [String]) {
    guard !names.isEmpty else { return }
    let more = names.count > 5 ? " and \(names.count - 5) more" : ""
    message("\(what): \(names.prefix(5).joined(separator: ", "))\(more)")
  }

  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// A piece of an answer, on standard output, at once.
  static func answer(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

  /// An object for programs, on standard output.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
