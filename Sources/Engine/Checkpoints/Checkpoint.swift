public import Foundation

/// The named tensors of one or several weight files, none of them read yet.
///
/// Opening maps the files and checks everything that they say about themselves; values are touched when a
/// tensor is asked for. Float32 tensors are then not even copied.
public struct Checkpoint: Sendable {
  /// Where a tensor lies, and as what.
  public struct Entry: Sendable {
    /// Of the tensor.
    public let name: String
    /// The length of every axis, outermost first.
    public let shape: [Int]
    /// How its values are stored.
    public let elementType: ElementType
    /// The file that holds the values.
    public let file: MappedFile
    /// The bytes of the file that hold the values: exactly them when they are dense.
    public let range: Range<Int>
    /// How far apart neighbours are along every axis, in values; nil when they lie densely in row-major
    /// order.
    package let strides: [Int]?

    /// The number of values.
    public var count: Int { shape.reduce(1, *) }
  }

  /// Every tensor, in the order of the files.
  public let entries: [Entry]
  /// What the writer of the files noted beside the tensors.
  public let metadata: [String: String]
  /// The mapped files, in the order in which they were opened.
  public let files: [MappedFile]
  /// What messages call the checkpoint: a file or a folder.
  public let path: String
  private let positions: [String: Int]

  /// - Throws: ``CheckpointError/duplicateName(path:name:)``
  init(entries: [Entry], metadata: [String: String], files: [MappedFile], path: String) throws {
    var positions: [String: Int] = [:]
    positions.reserveCapacity(entries.count)
    for (position, entry) in entries.enumerated() {
      guard positions.updateValue(position, forKey: entry.name) == nil else {
        throw CheckpointError.duplicateName(path: entry.file.path, name: entry.name)
      }
    }
    self.entries = entries
    self.metadata = metadata
    self.files = files
    self.path = path
    self.positions = positions
  }

  /// The names of all tensors, in the order of the files.
  public var names: [String] { entries.map(\.name) }

  /// The tensor's description, or nil if there is none of this name.
  public func entry(named name: String) -> Entry? {
    positions[name].map { entries[$0] }
  }

  func existingEntry(named name: String) throws -> Entry {
    guard let entry = entry(named: name) else {
      throw CheckpointError.missingTensor(path: path, name: name)
    }
    return entry
  }
}

/// What one value of a stored tensor is. The raw value is the name that safetensors gives it.
public enum ElementType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case uint16 = "U16"
  case int16 = "I16"
  case uint32 = "U32"
  case int32 = "I32"
  case uint64 = "U64"
  case int64 = "I64"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"

  /// In bytes.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e4m3, .float8e5m2: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// The bytes that a dense tensor of `shape` takes, or nil if that is more than an `Int` can say.
  ///
  /// An axis of length 0 does not excuse the others: their product must be small enough too, so that no
  /// later arithmetic on a part of the shape can overflow.
  package func bytes(of shape: [Int]) -> Int? {
    var product = size
    var isEmpty = false
    for length in shape {
      guard length >= 0 else { return nil }
      if length == 0 {
        isEmpty = true
        continue
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      product = next
    }
    return isEmpty ? 0 : product
  }
}

extension Checkpoint {
  /// Opens one file, safetensors or PyTorch's; which of them it is, its first bytes say.
  /// - Throws: ``CheckpointError``
  public init(file url: URL) throws {
    let file = try MappedFile(url)
    // A safetensors file starts with the length of its header, whose bytes would have to make a header of
    // 67 MB to look like a zip archive, and an impossible one to look like a pickle.
    let isTorch = ZipArchive.isOne(file) || file.readAll { $0.starts(with: [0x80, 0x02, 0x8a]) }
    if isTorch { try self.init(torch: file) } else { try self.init(safetensors: file) }
  }
}

extension Checkpoint {
  /// How a file is called that says which parts of a checkpoint hold which tensors: as the whole would be, and this.
  package static let indexSuffix = ".index.json"

  private static let wholeFiles: [(name: String, open: @Sendable (URL) throws -> Checkpoint)] = [
    ("model.safetensors", { try Checkpoint(safetensors: $0) }),
    ("pytorch_model.bin", { try Checkpoint(torch: $0) }),
  ]

  /// The files that the weights of a folder are looked for in, as one or, by an index, in parts.
  public static let fileNames = wholeFiles.flatMap { [$0.name, $0.name + indexSuffix] }

  /// Opens the weights of a model folder as it is published on a hub: the first of ``fileNames`` that exists, and the
  /// parts that it lists.
  /// - Throws: ``CheckpointError``; ``CheckpointError/noWeights(folder:lookedFor:)`` when none exists.
  public init(folder: URL) throws {
    func existing(_ name: String) -> URL? {
      let url = folder.appendingPathComponent(name)
      return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }
    for (name, open) in Self.wholeFiles {
      if let file = existing(name) {
        self = try open(file)
        return
      }
      if let index = existing(name + Self.indexSuffix) {
        self = try Self.shards(index, open: open)
        return
      }
    }
    throw CheckpointError.noWeights(folder: folder.path, lookedFor: Self.fileNames)
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

/// Which file of a folder holds which tensor (`*.index.json`).
struct ShardIndex {
  let folder: URL
  /// File names, sorted, without folders.
  let files: [String]
  /// The tensors that each file has to hold.
  let names: [String: [String]]

  init(_ index: MappedFile, folder: URL) throws {
    guard index.size > 0 else { throw CheckpointError.empty(path: index.path) }
    var names: [String: [String]] = [:]
    try JSONScanner.read(index) { scanner in
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
    }
    guard !names.isEmpty else { throw CheckpointError.noTensors(path: index.path) }
    self.folder = folder
    self.files = names.keys.sorted()
    self.names = names
  }
}
