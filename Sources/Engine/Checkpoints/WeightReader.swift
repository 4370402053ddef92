import CKernels
import Synchronization
public import Tensors

/// Takes a model's tensors out of a checkpoint by name and shape, and knows at the end whether all were
/// taken: a checkpoint that does not fit its model never runs.
public struct WeightReader: Sendable {
  private let checkpoint: Checkpoint
  private let prefix: String
  private let taken: Taken

  /// What has been asked for; shared by all scopes, behind a lock.
  private final class Taken: Sendable {
    let names = Mutex<Set<String>>([])
  }

  public init(_ checkpoint: Checkpoint) {
    self.checkpoint = checkpoint
    prefix = ""
    taken = Taken()
  }

  private init(_ parent: WeightReader, prefix: String) {
    checkpoint = parent.checkpoint
    self.prefix = prefix
    taken = parent.taken
  }

  /// The same checkpoint seen from a part of its names: `scoped("encoder.")` finds "encoder.weight" as
  /// "weight".
  public func scoped(_ prefix: String) -> WeightReader {
    WeightReader(self, prefix: self.prefix + prefix)
  }

  /// - Throws: ``CheckpointError`` when the tensor is missing, has another shape, or holds values that are
  ///   not finite.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    let name = prefix + name
    guard let found = checkpoint.shape(of: name) else {
      throw CheckpointError.missingTensor(file: checkpoint.path, name: name)
    }
    guard found == shape else {
      throw CheckpointError.wrongShape(
        file: checkpoint.path, name: name, expected: shape, got: found)
    }
    let tensor = try checkpoint.tensor(name)
    guard Self.isFinite(tensor) else {
      throw CheckpointError.notFinite(file: checkpoint.path, name: name)
    }
    taken.names.withLock { _ = $0.insert(name) }
    return tensor
  }

  /// Call when the model is complete.
  /// - Parameter ignoring: names that may stay behind, each with the reason; `{n}` stands for any number.
  /// - Throws: ``CheckpointError/unexpectedTensors(file:names:)``
  public func finish(ignoring: [String: String] = [:]) throws {
    let taken = taken.names.withLock { $0 }
    let left = checkpoint.names.filter { name in
      !taken.contains(name) && ignoring[name] == nil && ignoring[Self.pattern(of: name)] == nil
    }
    guard left.isEmpty else {
      throw CheckpointError.unexpectedTensors(file: checkpoint.path, names: left)
    }
  }

  /// "layers.12.weight" as "layers.{n}.weight".
  private static func pattern(of name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .map { $0.isEmpty || $0.contains { !$0.isNumber } ? String($0) : "{n}" }
      .joined(separator: ".")
  }

  private static func isFinite(_ tensor: Tensor) -> Bool {
    let isFinite = Atomic<Bool>(true)
    tensor.read { values in
      Parallel.forEachRange(tensor.count, grain: 1 << 18) { range in
        if !ck_all_finite(values + range.lowerBound, range.count) {
          isFinite.store(false, ordering: .relaxed)
        }
      }
    }
    return isFinite.load(ordering: .relaxed)
  }
}
