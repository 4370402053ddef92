import Synchronization

/// Whether whoever asked still wants the answer; read by the model's thread between two tokens.
final class Cancellation: Sendable {
  private let requested = Atomic<Bool>(false)

  func request() { requested.store(true, ordering: .relaxed) }

  var isRequested: Bool { requested.load(ordering: .relaxed) }
}
