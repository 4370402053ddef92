public import Foundation

extension Checkpoint {
  /// Opens a file that `torch.save` of PyTorch 1.6 or newer has written: a zip archive with a pickle that
  /// describes the tensors, and one record for the bytes of each storage.
  ///
  /// The pickle is followed by a reader that can make nothing but plain values and tensors; a file that
  /// tries to import anything else is refused before anything is built. The tensors are those of the state
  /// dict, which is the dictionary under "state_dict", else the one under "model", else the pickled
  /// dictionary itself. The archive's checksums are not verified: that would read every byte.
  /// - Throws: ``CheckpointError``
  public init(torch url: URL) throws {
    try self.init(torch: MappedFile(url))
  }

  package init(torch file: MappedFile) throws {
    guard file.size > 0 else { throw CheckpointError.empty(path: file.path) }
    guard ZipArchive.isOne(file) else { throw Self.noArchive(file) }
    let archive = try ZipArchive(file)
    // The archive has one folder, named as the file was when it was saved.
    let pickles = archive.records.keys.filter {
      $0.hasSuffix("/data.pkl") && $0.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 1
    }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw CheckpointError.notATorchFile(path: file.path)
    }
    let folder = String(pickle.dropLast("data.pkl".count))
    if archive.records[folder + "byteorder"] != nil,
      try file.read(archive.range(of: folder + "byteorder"), { !$0.elementsEqual("little".utf8) })
    {
      throw CheckpointError.bigEndian(path: file.path)
    }
    let tensors = try file.read(archive.range(of: pickle)) { bytes in
      var unpickler = try TensorUnpickler(bytes, path: file.path)
      return try unpickler.namedTensors()
    }
    let entries = try tensors.map { name, tensor in
      let record = folder + "data/" + tensor.storage.key
      return try Entry(name, tensor, file: file, record: record, bytes: archive.range(of: record))
    }
    try self.init(entries: entries, metadata: [:], files: [file], path: file.path)
  }

  /// Why a file that is no zip archive cannot be read.
  private static func noArchive(_ file: MappedFile) -> CheckpointError {
    // A bare pickle starts with its protocol; torch's old format was several of them in a row.
    let isPickle = file.readAll { $0.count >= 2 && $0[0] == 0x80 && (2...5).contains($0[1]) }
    return isPickle ? .legacyTorch(path: file.path) : .notATorchFile(path: file.path)
  }
}

extension Checkpoint.Entry {
  /// Checks a pickled description against the record that it refers to.
  /// - Parameter bytes: where the record lies in the file
  fileprivate init(
    _ name: String, _ tensor: TorchTensor, file: MappedFile, record: String, bytes: Range<Int>
  ) throws {
    let type = tensor.storage.type
    let impossible = CheckpointError.impossibleTensor(path: file.path, name: name)
    let (storageBytes, overflow) = tensor.storage.count.multipliedReportingOverflow(by: type.size)
    guard !overflow, storageBytes <= bytes.count else {
      throw CheckpointError.shortStorage(
        path: file.path, record: record, needed: overflow ? .max : storageBytes, got: bytes.count)
    }
    guard tensor.shape.count == tensor.strides.count, tensor.offset >= 0,
      tensor.strides.allSatisfy({ $0 >= 0 }), let size = type.bytes(of: tensor.shape)
    else { throw impossible }
    let count = size / type.size
    if count == 0 {
      self.init(
        name: name, shape: tensor.shape, elementType: type, file: file,
        range: bytes.lowerBound..<bytes.lowerBound, strides: nil)
      return
    }
    // A stride of 0 repeats values: a few bytes could claim to be a huge tensor.
    guard count <= tensor.storage.count else {
      throw CheckpointError.expandedTensor(
        path: file.path, name: name, count: count, stored: tensor.storage.count)
    }
    var last = tensor.offset
    for (length, stride) in zip(tensor.shape, tensor.strides) {
      let (reach, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowToo) = last.addingReportingOverflow(reach)
      guard !overflow, !overflowToo else { throw impossible }
      last = sum
    }
    guard last < tensor.storage.count else { throw impossible }
    let start = bytes.lowerBound + tensor.offset * type.size
    self.init(
      name: name, shape: tensor.shape, elementType: type, file: file,
      range: start..<bytes.lowerBound + (last + 1) * type.size,
      strides: Self.isDense(tensor) ? nil : tensor.strides)
  }

  /// Whether the values lie in row-major order without gaps. Axes of length 1 may have any stride.
  private static func isDense(_ tensor: TorchTensor) -> Bool {
    var dense = 1
    for (length, stride) in zip(tensor.shape, tensor.strides).reversed() where length != 1 {
      guard stride == dense else { return false }
      // Cannot overflow: the product is at most the number of values.
      dense *= length
    }
    return true
  }
}

/// A tensor as a pickle of PyTorch describes it, not yet held against the bytes that it claims.
struct TorchTensor {
  let storage: TorchStorage
  /// Of the first value, in values.
  let offset: Int
  let shape: [Int]
  /// In values.
  let strides: [Int]
}

/// The memory that one or several tensors of a PyTorch file look into.
struct TorchStorage {
  let type: ElementType
  /// The last part of the record's name.
  let key: String
  /// In values.
  let count: Int

  /// PyTorch's classes, all in module `torch`.
  static let types: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
  ]
}
