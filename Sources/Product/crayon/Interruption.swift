import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Ctrl-C, once: asks the work to end after what it is at. A second one ends the program at once, which
/// leaves no broken file either; unless the first has been dealt with (``reset()``).
final class Interruption: Sendable {
  private let requested = Atomic<Bool>(false)
  /// Set up here and then only kept, so no thread ever changes it.
  private nonisolated(unsafe) let source: any DispatchSourceSignal

  /// - Parameter text: said at the first
  init(saying text: String = "\nstopping; Ctrl-C again to stop at once\n") {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { [weak self] in
      self?.requested.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
      Console.write(text)
    }
    source.resume()
  }

  /// Waits for the next Ctrl-C as for the first.
  func reset() {
    requested.store(false, ordering: .relaxed)
    signal(SIGINT, SIG_IGN)
  }

  var isRequested: Bool { requested.load(ordering: .relaxed) }
}
