import Synchronization
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What becomes of each tensor when a model loads a checkpoint, determined from names, shapes and types alone.
///
/// A ``WeightReader`` with an audit goes on where another one throws: it notes what it is asked for, and hands out zeros
/// of the wanted shape. So a model's own code says what it needs, all of it, of a file whose values are not there yet.
public final class WeightAudit: Sendable {
  /// One tensor, and what became of it.
  public struct Finding: Sendable, Equatable {
    /// What became of a tensor.
    public enum Verdict: Sendable, Equatable {
      case fits
      /// The model does not need it, for a reason.
      case passedOver(String)
      case missing(wanted: [Int])
      case wrongShape(wanted: [Int])
      /// Other numbers than the model can use.
      case wrongType
      /// The model never asks for it.
      case unknown
      /// A part of the model could not be made, and may have asked for it.
      case notLookedAt
    }

    /// Of the tensor, as the checkpoint has it.
    public let name: String
    /// What became of it.
    public let verdict: Verdict
    /// Of the file's tensor; nil where there is none.
    public let type: ElementType?
    /// As the checkpoint has it; nil where the tensor is missing.
    public let shape: [Int]?

    /// Whether nothing speaks against it.
    public var isGood: Bool {
      switch verdict {
      case .fits, .passedOver, .notLookedAt: true
      case .missing, .wrongShape, .wrongType, .unknown: false
      }
    }
  }

  private let verdicts = Mutex<[String: Finding.Verdict]>([:])

  /// Nothing asked for yet.
  public init() {}

  /// Every tensor of a checkpoint in the order of its files, and behind them those that it lacks, by name.
  /// - Parameter isWhole: whether every part of the model was made, so that nothing is left to be asked for
  public func findings(of checkpoint: Checkpoint, isWhole: Bool = true) -> [Finding] {
    let verdicts = verdicts.withLock { $0 }
    let others: Finding.Verdict = isWhole ? .unknown : .notLookedAt
    let stored = checkpoint.entries.map { entry in
      Finding(
        name: entry.name, verdict: verdicts[entry.name] ?? others, type: entry.elementType, shape: entry.shape)
    }
    let missing = verdicts.keys.filter { checkpoint.entry(named: $0) == nil }.sorted().map { name in
      Finding(name: name, verdict: verdicts[name] ?? others, type: nil, shape: nil)
    }
    return stored + missing
  }

  func passOver(_ name: String, _ reason: String) {
    verdicts.withLock { if $0[name] == nil { $0[name] = .passedOver(reason) } }
  }

  /// A tensor that is asked for by its full name: zeros of the wanted shape.
  func tensor(_ name: String, shape: [Int], of checkpoint: Checkpoint) throws -> Tensor {
    try note(name, shape, of: checkpoint) { $0.isFloatingPoint }
    let zeros = try ZeroPages(bytes: byteCount(name, shape, checkpoint), path: checkpoint.path, name: name)
    return Tensor(borrowing: zeros.address.assumingMemoryBound(to: Float.self), shape: shape, owner: zeros)
  }

  /// The same of a matrix in 16 bits, whatever form the file has it in.
  func matrix(_ name: String, rows: Int, columns: Int, of checkpoint: Checkpoint) throws -> QuantizedMatrix {
    let stored = checkpoint.entry(named: name)
    if checkpoint.entry(named: name + ".absmax") != nil {
      for slot in NF4Description.slots(name, rows: rows, columns: columns) {
        let there = checkpoint.entry(named: slot.name)
        let shape: [Int]
        switch slot.name {
        // The packed values lie in any shape, and the description has any length.
        case name: shape = there?.count == rows * columns / 2 ? there?.shape ?? [] : [rows, columns]
        case name + NF4Description.suffix: shape = there?.shape ?? slot.shape
        default: shape = slot.shape
        }
        try note(slot.name, shape, of: checkpoint) { $0 == slot.type }
      }
    } else if columns % 32 == 0, stored?.elementType == .uint8, stored?.strides == nil,
      stored?.shape == [rows, columns / 32, Q8Quantizer.blockBytes]
    {
      verdicts.withLock { $0[name] = .fits }
    } else {
      try note(name, [rows, columns], of: checkpoint) { $0.isFloatingPoint }
    }
    let bytes = try byteCount(name, [rows, columns], checkpoint) / 2
    let zeros = try ZeroPages(bytes: bytes, path: checkpoint.path, name: name)
    return QuantizedMatrix(
      .f16, rows: rows, columns: columns, bytes: UnsafeRawBufferPointer(start: zeros.address, count: bytes),
      owner: zeros)
  }

  private func note(
    _ name: String, _ shape: [Int], of checkpoint: Checkpoint, type: (ElementType) -> Bool
  ) throws {
    let verdict: Finding.Verdict
    if let entry = checkpoint.entry(named: name) {
      verdict = entry.shape != shape ? .wrongShape(wanted: shape) : type(entry.elementType) ? .fits : .wrongType
    } else {
      verdict = .missing(wanted: shape)
    }
    verdicts.withLock { $0[name] = verdict }
  }

  /// As 32-bit floats. What no checkpoint of this size can hold is refused: a lying configuration must not become memory.
  private func byteCount(_ name: String, _ shape: [Int], _ checkpoint: Checkpoint) throws -> Int {
    guard let bytes = ElementType.float32.bytes(of: shape), bytes > 0,
      bytes <= max(8 * checkpoint.files.reduce(0) { $0 + $1.size }, 1 << 20)
    else { throw CheckpointError.shapeTooLarge(path: checkpoint.path, name: name, shape: shape) }
    return bytes
  }
}

/// Memory that reads as zeros and takes none until it is written, which nobody does. Safe from every thread for that.
private final class ZeroPages: @unchecked Sendable {
  let address: UnsafeMutableRawPointer
  private let bytes: Int

  init(bytes: Int, path: String, name: String) throws {
    let mapped = mmap(nil, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped, mapped != MAP_FAILED else { throw CheckpointError.unreadable(path: path, code: errno) }
    address = mapped
    self.bytes = bytes
  }

  deinit { munmap(address, bytes) }
}

extension ElementType {
  fileprivate var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}
