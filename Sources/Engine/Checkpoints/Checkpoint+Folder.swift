public import Foundation

extension Checkpoint {
  /// Opens the weights of a model folder as it is published on a hub. The first of these that exists is
  /// taken:
  ///
  /// 1. `model.safetensors`
  /// 2. `model.safetensors.index.json`, and the safetensors files that it lists
  /// 3. `pytorch_model.bin`
  /// 4. `pytorch_model.bin.index.json`, and the PyTorch files that it lists
  ///
  /// - Throws: ``CheckpointError``; ``CheckpointError/noWeights(folder:lookedFor:)`` when none exists.
  public init(folder: URL) throws {
    let candidates: [(name: String, open: (URL) throws -> Checkpoint)] = [
      ("model.safetensors", { try Checkpoint(safetensors: $0) }),
      ("model.safetensors.index.json", { try Self.shards($0) { try Checkpoint(safetensors: $0) } }),
      ("pytorch_model.bin", { try Checkpoint(torch: $0) }),
      ("pytorch_model.bin.index.json", { try Self.shards($0) { try Checkpoint(torch: $0) } }),
    ]
    for candidate in candidates {
      let url = folder.appendingPathComponent(candidate.name)
      if FileManager.default.fileExists(atPath: url.path) {
        self = try candidate.open(url)
        return
      }
    }
    throw CheckpointError.noWeights(folder: folder.path, lookedFor: candidates.map(\.name))
  }

  /// The names of the files that an index lists.
  /// - Throws: ``CheckpointError``
  public static func parts(listedIn index: URL) throws -> [String] {
    try ShardIndex(MappedFile(index), folder: index.deletingLastPathComponent()).files
  }

  /// The files that `index` lists, as one checkpoint.
  private static func shards(
    _ index: URL, open: (URL) throws -> Checkpoint
  ) throws -> Checkpoint {
    let index = try ShardIndex(MappedFile(index), folder: index.deletingLastPathComponent())
    let shards = try index.files.map {
      (name: $0, checkpoint: try open(index.folder.appendingPathComponent($0)))
    }
    for shard in shards {
      for name in index.names[shard.name] ?? [] where shard.checkpoint.entry(named: name) == nil {
        throw CheckpointError.missingTensor(path: shard.checkpoint.path, name: name)
      }
    }
    return try Checkpoint(
      entries: shards.flatMap(\.checkpoint.entries),
      metadata: shards.reduce(into: [:]) { $0.merge($1.checkpoint.metadata) { first, _ in first } },
      files: shards.flatMap(\.checkpoint.files), path: index.folder.path)
  }
}
