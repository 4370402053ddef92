import Foundation

/// Which file of a folder holds which tensor (`*.index.json`).
struct ShardIndex {
  let folder: URL
  /// File names, sorted, without folders.
  let files: [String]
  /// The tensors that each file has to hold.
  let names: [String: [String]]

  init(_ index: MappedFile, folder: URL) throws {
    guard index.size > 0 else { throw CheckpointError.empty(path: index.path) }
    guard !GitLFSPointer.isOne(index) else { throw CheckpointError.gitLFSPointer(path: index.path) }
    var names: [String: [String]] = [:]
    try index.read(0..<index.size) { text in
      var scanner = JSONScanner(text, path: index.path, start: 0)
      var isMapSeen = false
      try scanner.object { scanner, key in
        guard key == "weight_map" else { return try scanner.skipValue() }
        guard !isMapSeen else { throw CheckpointError.duplicateName(path: index.path, name: key) }
        isMapSeen = true
        try scanner.object { scanner, name in
          let file = try scanner.string()
          // A shard lies beside its index; a name that leads elsewhere is no honest one.
          guard !file.isEmpty, !file.contains("/"), !file.contains("\0"), file != "..", file != "." else {
            throw CheckpointError.shardOutsideFolder(path: index.path, shard: file)
          }
          names[file, default: []].append(name)
        }
      }
      try scanner.expectEnd()
    }
    guard !names.isEmpty else { throw CheckpointError.noTensors(path: index.path) }
    self.folder = folder
    self.files = names.keys.sorted()
    self.names = names
  }
}
