import Dispatch
import Synchronization

/// A line on the terminal that says how far the work is: done, rate, time left. Where standard error is not
/// a terminal it says nothing.
public final class ProgressBar: Sendable {
  private let total: Int
  private let began = DispatchTime.now().uptimeNanoseconds
  /// When the line was last drawn; behind a lock, as several threads report.
  private let drawn = Mutex<UInt64>(0)

  /// - Parameter total: pieces of work
  public init(total: Int) { self.total = total }

  /// Draws the line, at most ten times a second. Safe to call from several threads.
  /// - Parameter kept: of `done`, those that cost nothing; they do not count in the rate.
  public func update(done: Int, kept: Int, failed: Int) {
    guard let columns = Console.columns else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    let isDue = drawn.withLock { drawn in
      guard now - drawn > 100_000_000 || done == total else { return false }
      drawn = now
      return true
    }
    guard isDue else { return }
    let seconds = Double(now - began) / 1e9
    let rate = Double(done - kept) / max(seconds, 0.001)
    let left = rate > 0 ? Self.duration(Double(total - done) / rate) : "?"
    let text =
      " \(done)/\(total)  \(Self.rounded(rate))/s  \(left) left" + (failed > 0 ? "  \(failed) failed" : "")
    let fraction = total > 0 ? Double(done) / Double(total) : 1
    Console.write("\r\u{1B}[K" + Self.bar(fraction, beside: text, columns: columns) + text)
  }

  /// A bar that leaves room for a text.
  public static func bar(_ fraction: Double, beside text: String, columns: Int) -> String {
    let width = max(10, min(40, columns - text.count - 3))
    let filled = Int(Double(width) * min(max(fraction, 0), 1))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  /// Takes the line away.
  public func finish() {
    if Console.columns != nil { Console.write("\r\u{1B}[K") }
  }

  private static func rounded(_ rate: Double) -> String {
    rate >= 10 ? String(Int(rate.rounded())) : String((rate * 10).rounded() / 10)
  }

  /// "2 h 5 min", "3 min 10 s", "8 s"
  public static func duration(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 1e8).rounded())
    if seconds >= 3600 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
    return seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
  }
}
