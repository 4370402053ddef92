import Synchronization
public import Tensors

/// Hands the tensors of a checkpoint to a model, each by its name and its shape, and keeps count.
///
/// A model asks for what it needs, part by part, through views that stand for a prefix of the names; at the
/// end ``finish(ignoring:)`` makes sure that nothing in the checkpoint was left over, so that a model and a
/// checkpoint that only look alike do not load.
///
/// ```swift
/// let weights = WeightReader(try Checkpoint(folder: folder))
/// let first = try Linear(weights.scoped("encoder.layers.0.fc1"), inputs: 32, outputs: 64)
/// try weights.finish()
/// ```
public struct WeightReader: Sendable {
  public let checkpoint: Checkpoint
  /// What stands before every name that is asked for: empty, or ending in a dot.
  public let prefix: String
  let checkFinite: Bool
  let audit: WeightAudit?
  private let taken: Taken

  /// The names handed out so far, shared by all views of one reader; locked, so that parts of a model may
  /// load on several threads.
  private final class Taken: Sendable {
    let names = Mutex<Set<String>>([])
  }

  /// - Parameter checkFinite: whether a tensor with an infinity or a NaN is refused. That reads every
  ///   value once, which the first use of the model would do anyway.
  public init(_ checkpoint: Checkpoint, checkFinite: Bool = true) {
    self.init(checkpoint, prefix: "", checkFinite: checkFinite, audit: nil, taken: Taken())
  }

  /// Reads no value, and goes on where something is wrong.
  /// - Parameter audit: learns what becomes of each tensor
  public init(_ checkpoint: Checkpoint, for audit: WeightAudit) {
    self.init(checkpoint, prefix: "", checkFinite: false, audit: audit, taken: Taken())
  }

  private init(_ checkpoint: Checkpoint, prefix: String, checkFinite: Bool, audit: WeightAudit?, taken: Taken) {
    self.checkpoint = checkpoint
    self.prefix = prefix
    self.checkFinite = checkFinite
    self.audit = audit
    self.taken = taken
  }

  /// Whether values are read; an audit reads none.
  public var readsValues: Bool { audit == nil }

  /// A view of the tensors whose names start with `name` and a dot, by the rest of their names.
  /// - Parameter name: one or several parts of a name, with or without the last dot
  public func scoped(_ name: String) -> WeightReader {
    let dotted = name.isEmpty || name.hasSuffix(".") ? name : name + "."
    return WeightReader(
      checkpoint, prefix: prefix + dotted, checkFinite: checkFinite, audit: audit, taken: taken)
  }

  /// Lets the system take back the memory of the view's tensors, until they are read again.
  package func rest() {
    for entry in checkpoint.entries where entry.name.hasPrefix(prefix) { entry.file.release(entry.range) }
  }

  /// The tensor of this name under the view's prefix.
  /// - Throws: ``CheckpointError`` with the full name when it is missing, has another shape, holds integers,
  ///   or holds a value that is not finite.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    let name = prefix + name
    if let audit { return try audit.tensor(name, shape: shape, of: checkpoint) }
    let entry = try checkpoint.existingEntry(named: name)
    guard entry.shape == shape else {
      throw CheckpointError.wrongShape(
        path: checkpoint.path, name: name, expected: shape, got: entry.shape)
    }
    let tensor = try checkpoint.tensor(name)
    if checkFinite, let index = tensor.firstNonFiniteIndex {
      throw CheckpointError.notFinite(path: checkpoint.path, name: name, index: index)
    }
    take(name)
    return tensor
  }

  /// Notes that a tensor has been asked for, by its full name.
  func take(_ name: String) { taken.names.withLock { _ = $0.insert(name) } }

  /// Passes over tensors under the view's prefix that the model does not need, so that ``finish(ignoring:)``
  /// does not find them left.
  /// - Parameter names: without the prefix, each with the reason why; `{n}` stands for a number
  public func passOver(_ names: [String: String]) {
    let patterns = names.map { (NamePattern(prefix + $0), reason: $1) }
    for name in checkpoint.names where name.hasPrefix(prefix) {
      guard let found = patterns.first(where: { $0.0.matches(name) }) else { continue }
      take(name)
      audit?.passOver(name, found.reason)
    }
  }

  /// Makes sure that every tensor under the view's prefix was asked for.
  /// - Parameter ignored: full names that may stay unread, each with the reason why the model does not need
  ///   it; `{n}` stands for a number (`"layers.{n}.relative_position_index": "computed from the window"`).
  /// - Throws: ``CheckpointError/extraTensors(path:names:)`` with every name that is left over.
  public func finish(ignoring ignored: [String: String] = [:]) throws {
    if let audit {
      // What is left over, the audit finds by itself.
      let patterns = ignored.map { (NamePattern($0), reason: $1) }
      for name in checkpoint.names {
        if let found = patterns.first(where: { $0.0.matches(name) }) { audit.passOver(name, found.reason) }
      }
      return
    }
    let taken = taken.names.withLock { $0 }
    let patterns = ignored.keys.map(NamePattern.init)
    let extra = checkpoint.entries.lazy.map(\.name).filter { name in
      name.hasPrefix(prefix) && !taken.contains(name) && !patterns.contains { $0.matches(name) }
    }
    guard extra.isEmpty else {
      throw CheckpointError.extraTensors(path: checkpoint.path, names: Array(extra))
    }
  }
}
