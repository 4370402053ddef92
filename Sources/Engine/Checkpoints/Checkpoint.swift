/// The named tensors of one or several weight files, none of them read yet.
///
/// Opening maps the files and checks everything that they say about themselves; values are touched when a
/// tensor is asked for. Float32 tensors are then not even copied.
public struct Checkpoint: Sendable {
  /// Where a tensor lies, and as what.
  public struct Entry: Sendable {
    public let name: String
    /// The length of every axis, outermost first.
    public let shape: [Int]
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
