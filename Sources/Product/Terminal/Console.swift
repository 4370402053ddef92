import ArgumentParser
import AtomicFiles
import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Messages for a person, on standard error; answers go to standard output by `print`.
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

  /// A message about several names, the first few of them; nothing where there are none.
  public static func list(_ what: String, _ names: [String]) {
    guard !names.isEmpty else { return }
    let more = names.count > 5 ? " and \(names.count - 5) more" : ""
    message("\(what): \(names.prefix(5).joined(separator: ", "))\(more)")
  }

  /// A text as it is.
  public static func write(_ text: String) {
    // Where messages cannot be written, nobody can be told so.
    _ = writeAll(Data(text.utf8), to: STDERR_FILENO)
  }

  /// A piece of an answer, on standard output, at once.
  public static func answer(_ text: String) {
    let data = Data(text.utf8)
    if writeAll(data, to: STDOUT_FILENO) < data.count { outputFault.store(errno, ordering: .relaxed) }
  }

  /// The system's reason why a piece of an answer was lost.
  private static let outputFault = Atomic<Int32>(0)

  /// Makes sure that all that was said on standard output is there: on a full disk it is not.
  /// - Throws: `OutputError`
  static func requireOutput() throws {
    errno = 0
    // What a stream could not write it keeps, and tries again.
    let isWhole = fflush(nil) == 0
    let lost = outputFault.load(ordering: .relaxed)
    guard isWhole && lost == 0 else {
      let code = [lost, errno].first { $0 != 0 } ?? EIO
      throw OutputError(path: "standard output", reason: String(cString: strerror(code)))
    }
  }

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

/// A line on the terminal that says how far the work is: done, rate, time left. Where standard error is not
/// a terminal it says nothing.
public final class ProgressBar: Sendable {
  /// What work is counted in.
  public enum Unit: Sendable {
    case pieces, bytes

    fileprivate func amount(_ count: Int) -> String {
      switch self {
      case .pieces: "\(count)"
      case .bytes: Console.bytes(count)
      }
    }

    /// In a second.
    fileprivate func rate(_ rate: Double) -> String {
      self == .bytes || rate >= 10 ? amount(Int(rate.rounded())) : String((rate * 10).rounded() / 10)
    }
  }

  private let total: Int
  private let unit: Unit
  private let began = DispatchTime.now().uptimeNanoseconds
  /// When the line was last drawn; behind a lock, as several threads report.
  private let drawn = Mutex<UInt64>(0)

  /// - Parameter total: all of the work
  public init(total: Int, in unit: Unit = .pieces) {
    self.total = total
    self.unit = unit
  }

  /// Draws the line, at most ten times a second. Safe to call from several threads.
  /// - Parameters:
  ///   - done: what of the work is over, kept and failed too
  ///   - kept: of `done`, what cost nothing; it does not count in the rate.
  ///   - failed: of `done`, what failed; shown where there is any
  ///   - note: stands behind the figures
  public func update(done: Int, kept: Int = 0, failed: Int = 0, note: String = "") {
    guard let columns = Console.columns else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    let isDue = drawn.withLock { drawn in
      guard now - drawn > 100_000_000 || done == total else { return false }
      drawn = now
      return true
    }
    guard isDue else { return }
    let seconds = Double(now - began) / 1e9
    let rate = Double(max(done - kept, 0)) / max(seconds, 0.001)
    let left = rate > 0 ? Self.duration(Double(total - done) / rate) : "?"
    let text =
      " \(unit.amount(done)) of \(unit.amount(total))  \(unit.rate(rate))/s  \(left) left"
      + (failed > 0 ? "  \(failed) failed" : "") + (note.isEmpty ? "" : "  " + note)
    let fraction = total > 0 ? Double(done) / Double(total) : 1
    let width = max(10, min(40, columns - text.count - 3))
    let filled = Int(Double(width) * min(max(fraction, 0), 1))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    Console.write("\r\u{1B}[K" + bar + text)
  }

  /// Takes the line away.
  public func finish() { Self.clear() }

  /// Takes away whatever bar is drawn, so that a message can stand in its place.
  public static func clear() {
    if Console.columns != nil { Console.write("\r\u{1B}[K") }
  }

  /// "2 h 5 min", "3 min 10 s", "8 s"
  private static func duration(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 1e8).rounded())
    if seconds >= 3600 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
    return seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
  }
}

/// Ctrl-C, once: asks the work to end after what it is at. A second one ends the program at once, which
/// leaves no broken file either; unless the first has been dealt with (``reset()``).
public final class Interruption: Sendable {
  private let requested = Atomic<Bool>(false)
  /// Set up here and then only kept, so no thread ever changes it.
  private nonisolated(unsafe) let source: any DispatchSourceSignal

  /// - Parameter text: written to standard error at the first
  public init(saying text: String = "\nstopping; Ctrl-C again to stop at once\n") {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { [weak self] in
      guard let self, !requested.exchange(true, ordering: .relaxed) else {
        // As if nobody had listened.
        signal(SIGINT, SIG_DFL)
        raise(SIGINT)
        return
      }
      Console.write(text)
    }
    // Until it is registered, on a thread of Dispatch's own, the signal is lost.
    let registered = DispatchSemaphore(value: 0)
    source.setRegistrationHandler { registered.signal() }
    source.resume()
    registered.wait()
  }

  /// Waits for the next Ctrl-C as for the first. The signal's disposition is the source's from its start on: whoever
  /// changed it here would take the signal away from it.
  public func reset() { requested.store(false, ordering: .relaxed) }

  /// Whether Ctrl-C was pressed since the start, or since ``reset()``.
  public var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Ends the work where it stands, if it is asked to.
  /// - Throws: ``ExitStatus/interrupted``
  public func check() throws {
    if isRequested { throw ExitStatus.interrupted }
  }

  /// Work that waits for others: Ctrl-C cancels it, and it puts away what it has begun.
  /// - Throws: ``ExitStatus/interrupted``, or what the work throws
  public static func cancelling<Result: Sendable>(
    saying text: String = "\nstopping\n", _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let interruption = Interruption(saying: text)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        while !interruption.isRequested { try await Task.sleep(for: .milliseconds(100)) }
        return nil
      }
      defer { group.cancelAll() }
      guard let result = try await group.next() ?? nil else { throw ExitStatus.interrupted }
      return result
    }
  }
}
