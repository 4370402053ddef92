/// The memory behind tensors.
///
/// Safe to use from several threads because it is written only through a `Tensor` that holds the one
/// reference to it.
final class TensorStorage: @unchecked Sendable {
  let values: UnsafeMutablePointer<Float>
  let count: Int
  /// Keeps borrowed values alive; nil when the values are this object's own.
  private let owner: (any AnyObject & Sendable)?

  var isBorrowed: Bool { owner != nil }

  /// Memory of its own, with undefined values.
  init(count: Int) {
    values = BufferPool.shared.take(floats: count)
    self.count = count
    owner = nil
  }

  init(borrowing values: UnsafePointer<Float>, count: Int, owner: any AnyObject & Sendable) {
    // Never written: `Tensor.write` copies borrowed storage first.
    self.values = UnsafeMutablePointer(mutating: values)
    self.count = count
    self.owner = owner
  }

  convenience init(copying other: TensorStorage) {
    self.init(count: other.count)
    values.update(from: other.values, count: count)
  }

  deinit {
    if owner == nil { BufferPool.shared.giveBack(values, floats: count) }
  }
}
