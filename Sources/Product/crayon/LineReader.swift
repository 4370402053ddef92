import EditLineLibrary
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lines from a person, with editing and history, or from a file as they are.
struct LineReader {
  let prompt: String
  private let isTerminal = isatty(STDIN_FILENO) == 1

  init(prompt: String) { self.prompt = prompt }

  /// nil at the end.
  func next() -> String? {
    guard isTerminal else { return readLine() }
    guard let line = readline(prompt) else { return nil }
    defer { free(line) }
    if line.pointee != 0 { add_history(line) }
    return String(cString: line)
  }
}
