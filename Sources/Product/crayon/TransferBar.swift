import Dispatch
import Hub
import Synchronization
import Terminal

/// A line on the terminal that says how far a transfer is. Where standard error is not a terminal it says nothing.
final class TransferBar: Sendable {
  private struct State {
    var drawn: UInt64 = 0
    /// What was there from before does not count in the rate.
    var first: Int?
  }

  private let began = DispatchTime.now().uptimeNanoseconds
  /// Behind a lock, as several files report.
  private let state = Mutex(State())

  func update(_ progress: HubPull.Progress) {
    let file = min(progress.filesDone + 1, progress.files)
    update(done: progress.done, total: progress.total, note: "  file \(file) of \(progress.files)")
  }

  /// - Parameters:
  ///   - done, total: in bytes
  ///   - note: stands behind the figures
  func update(done: Int, total: Int, note: String = "") {
    guard let columns = Console.columns else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    let first = state.withLock { state -> Int? in
      let first = state.first ?? done
      state.first = first
      guard now - state.drawn > 100_000_000 || done == total else { return nil }
      state.drawn = now
      return first
    }
    guard let first else { return }
    let seconds = Double(now - began) / 1e9
    let rate = Double(max(done - first, 0)) / max(seconds, 0.001)
    let left = rate > 0 ? ProgressBar.duration(Double(total - done) / rate) : "?"
    let text =
      " \(Console.bytes(max(done, 0))) of \(Console.bytes(total))  \(Console.bytes(Int(rate)))/s  \(left) left"
      + note
    let fraction = total > 0 ? Double(done) / Double(total) : 1
    Console.write("\r\u{1B}[K" + ProgressBar.bar(fraction, beside: text, columns: columns) + text)
  }

  /// Takes away whatever bar is drawn: at its end, or so that a message can stand in its place.
  static func clear() {
    if Console.columns != nil { Console.write("\r\u{1B}[K") }
  }
}
