import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
      self?.requested.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
      Console.write(text)
    }
    source.resume()
  }

  /// Waits for the next Ctrl-C as for the first.
  public func reset() {
    requested.store(false, ordering: .relaxed)
    signal(SIGINT, SIG_IGN)
  }

  /// Whether Ctrl-C was pressed since the start, or since ``reset()``.
  public var isRequested: Bool { requested.load(ordering: .relaxed) }
}
