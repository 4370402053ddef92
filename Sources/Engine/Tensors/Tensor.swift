/// A dense row-major array of 32-bit floats with value semantics.
///
/// Copies share their storage until one of them is written. The storage is either the tensor's own or
/// another owner's read-only bytes (a memory-mapped checkpoint), which then stay alive as long as the
/// tensor does. Operations take whole tensors; pointers leave this type only inside a closure.
public struct Tensor: Sendable {
  /// The length of every axis, outermost first. An empty shape is a single value.
  public private(set) var shape: [Int]
  private var storage: TensorStorage

  /// A tensor whose values `body` fills in; they are undefined before that.
  public init(
    shape: [Int], _ body: (UnsafeMutablePointer<Float>) throws -> Void
  ) rethrows {
    self.shape = shape
    self.storage = TensorStorage(count: shape.reduce(1, *))
    try body(storage.values)
  }

  /// - Precondition: `values.count` is the product of `shape`.
  public init(_ values: [Float], shape: [Int]) {
    precondition(values.count == shape.reduce(1, *))
    self.init(shape: shape) { pointer in
      values.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
      }
    }
  }

  /// All values 0.
  public init(zeros shape: [Int]) {
    self.init(shape: shape) { $0.update(repeating: 0, count: shape.reduce(1, *)) }
  }

  /// Tensors of rows of one width, one below the other.
  /// - Precondition: each is [rows, width].
  public init(joining parts: [Tensor], width: Int) {
    self.init(shape: [parts.reduce(0) { $0 + $1.shape[0] }, width]) { out in
      var end = out
      for part in parts {
        precondition(part.shape.count == 2 && part.shape[1] == width)
        part.read { end.update(from: $0, count: part.count) }
        end += part.count
      }
    }
  }

  /// A tensor over bytes that `owner` keeps alive and nobody writes.
  /// - Precondition: `values` is aligned for `Float` and holds the product of `shape` values.
  public init(borrowing values: UnsafePointer<Float>, shape: [Int], owner: any AnyObject & Sendable) {
    self.shape = shape
    self.storage = TensorStorage(borrowing: values, count: shape.reduce(1, *), owner: owner)
  }

  /// Values: the product of the shape.
  public var count: Int { storage.count }

  /// The same values under another shape.
  /// - Precondition: both shapes hold equally many values.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == count, "cannot see \(self.shape) as \(shape)")
    var result = self
    result.shape = shape
    return result
  }

  /// A range along the first axis, sharing the storage.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(shape.count >= 1 && range.lowerBound >= 0 && range.upperBound <= shape[0])
    let stride = shape.dropFirst().reduce(1, *)
    return Tensor(
      borrowing: UnsafePointer(storage.values) + range.lowerBound * stride,
      shape: [range.count] + shape.dropFirst(), owner: storage)
  }

  /// The values in row-major order, copied.
  public var values: [Float] {
    read { Array(UnsafeBufferPointer(start: $0, count: count)) }
  }

  /// Lends the values for reading.
  public func read<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(UnsafePointer(storage.values)) }
  }

  /// Lends the values for writing, after a copy if they are shared or borrowed.
  public mutating func write<Result>(
    _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    if !isKnownUniquelyReferenced(&storage) || storage.isBorrowed {
      storage = TensorStorage(copying: storage)
    }
    return try withExtendedLifetime(storage) { try body(storage.values) }
  }
}

/// Lends the values of two tensors at once.
public func withValues<Result>(
  of a: Tensor, _ b: Tensor,
  _ body: (UnsafePointer<Float>, UnsafePointer<Float>) throws -> Result
) rethrows -> Result {
  try a.read { a in try b.read { b in try body(a, b) } }
}

/// Lends the values of three tensors at once.
public func withValues<Result>(
  of a: Tensor, _ b: Tensor, _ c: Tensor,
  _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) throws -> Result
) rethrows -> Result {
  try a.read { a in try b.read { b in try c.read { c in try body(a, b, c) } } }
}

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
