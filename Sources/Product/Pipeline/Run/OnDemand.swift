import Synchronization
import Tensors

/// What is expensive to load: it is loaded when it is first asked for, under the precision that held when this was made,
/// and then shared by all who hold this, until it is given back.
final class OnDemand<Value: Sendable>: Sendable {
  private let kept = Mutex<Value?>(nil)
  private let load: @Sendable () throws -> Value

  init(_ load: @escaping @Sendable () throws -> Value) {
    let precision = Precision.current
    self.load = { try Precision.$current.withValue(precision) { try load() } }
  }

  /// - Throws: what loading throws; the next call tries again
  func value() throws -> Value {
    try kept.withLock { kept in
      if let kept { return kept }
      let value = try load()
      kept = value
      return value
    }
  }

  /// Lets go of the value; who asks for it later has it loaded again.
  func giveBack() { kept.withLock { $0 = nil } }
}
