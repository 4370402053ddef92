import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What is said to a person, on standard error; answers go to standard output by `print`.
public enum Console {
  /// Whether standard error is one.
  public static let isTerminal = isatty(STDERR_FILENO) == 1

  /// The terminal's width in characters; nil where standard error is not a terminal.
  public static var columns: Int? {
    var size = winsize()
    guard isTerminal, ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
    return size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// A line.
  public static func message(_ text: String) { write(text + "\n") }

  /// Names that something is said of, the first few of them; nothing where there are none.
  public static func list(_ what: String, _ names: [String]) {
    guard !names.isEmpty else { return }
    let more = names.count > 5 ? " and \(names.count - 5) more" : ""
    message("\(what): \(names.prefix(5).joined(separator: ", "))\(more)")
  }

  /// A text as it is.
  public static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// A piece of an answer, on standard output, at once.
  public static func answer(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

  /// An object for programs, on standard output.
  public static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// "7.9 GB", "12 kB"
  public static func bytes(_ count: Int) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")]
    for (unit, name) in units where count >= unit {
      let value = Double(count) / Double(unit)
      return String(format: value < 10 ? "%.1f %@" : "%.0f %@", value, name)
    }
    return "\(count) bytes"
  }
}
