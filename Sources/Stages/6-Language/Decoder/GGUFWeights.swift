import Checkpoints
import Synchronization
import Tensors

/// Hands the tensors and the metadata of a GGUF file to a decoder, and notes which tensors were asked for.
final class GGUFWeights: Sendable {
  let file: GGUFFile
  private let taken = Mutex<Set<String>>([])

  init(_ file: GGUFFile) { self.file = file }

  func matrix(_ name: String, rows: Int, columns: Int) throws -> QuantizedMatrix {
    taken.withLock { _ = $0.insert(name) }
    return try file.matrix(name, rows: rows, columns: columns)
  }

  func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    taken.withLock { _ = $0.insert(name) }
    return try file.tensor(name, shape: shape)
  }

  /// - Throws: `CheckpointError.extraTensors` with all that nobody asked for.
  func finish() throws {
    let taken = taken.withLock { $0 }
    let extra = file.entries.map(\.name).filter { !taken.contains($0) }
    guard extra.isEmpty else {
      throw CheckpointError.extraTensors(path: file.file.path, names: extra)
    }
  }

  func integer(_ key: String, otherwise: Int? = nil) throws -> Int {
    switch file.metadata[key] {
    case .unsigned(let value): if let value = Int(exactly: value) { return value }
    case .signed(let value): return Int(value)
    case nil: if let otherwise { return otherwise }
    default: break
    }
    throw CheckpointError.wrongMetadata(path: file.file.path, key: key, expected: "a whole number")
  }

  func number(_ key: String, otherwise: Double? = nil) throws -> Double {
    if case .float(let value) = file.metadata[key] { return value }
    if file.metadata[key] == nil, let otherwise { return otherwise }
    throw CheckpointError.wrongMetadata(path: file.file.path, key: key, expected: "a number")
  }

  func string(_ key: String) throws -> String {
    if case .string(let value) = file.metadata[key] { return value }
    throw CheckpointError.wrongMetadata(path: file.file.path, key: key, expected: "text")
  }
}
