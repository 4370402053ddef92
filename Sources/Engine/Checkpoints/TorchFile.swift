/// Reads a checkpoint as `torch.save` writes it: a zip file with a pickle that describes the tensors and one
/// member for each storage.
struct TorchFile {
  private(set) var entries: [String: TensorEntry] = [:]

  /// - Throws: ``CheckpointError``
  init(_ file: FileBytes) throws {
    let archive = try ZipArchive(file)
    guard let pickleName = archive.members.keys.filter({ $0.hasSuffix("/data.pkl") }).min(),
      let pickle = archive.members[pickleName]
    else { throw file.damaged("it has no member data.pkl, so it is not a PyTorch checkpoint") }
    let folder = pickleName.dropLast("data.pkl".count)
    if let order = archive.members[folder + "byteorder"],
      file.read(order, { String(decoding: $0, as: UTF8.self) }) == "big"
    {
      throw file.damaged("its numbers are big-endian")
    }
    var unpickler = TensorUnpickler(file: file, range: pickle)
    for (name, tensor) in try unpickler.namedTensors() {
      entries[name] = try Self.entry(
        name, tensor, file: file, member: archive.members[folder + "data/\(tensor.storage.key)"])
    }
  }

  private static func entry(
    _ name: String, _ tensor: TensorUnpickler.Tensor, file: FileBytes, member: Range<Int>?
  ) throws -> TensorEntry {
    guard let member else {
      throw file.damaged("the storage of the tensor \(name) is missing")
    }
    guard tensor.shape.count == tensor.strides.count, let count = TensorEntry.count(of: tensor.shape),
      let last = lastElement(tensor), tensor.offset >= 0,
      count == 0 || last < member.count / tensor.storage.type.size
    else { throw file.damaged("the tensor \(name) reaches beyond its storage") }
    // A stride of 0 repeats elements: a few bytes could claim to be a huge tensor.
    guard count <= member.count / tensor.storage.type.size || count == 0 else {
      throw file.damaged("the tensor \(name) is larger than its storage")
    }
    var dense = 1
    var isDense = true
    for (length, stride) in zip(tensor.shape, tensor.strides).reversed() {
      if length != 1 && stride != dense { isDense = false }
      // An empty tensor's lengths may multiply to anything.
      dense &*= length
    }
    return TensorEntry(
      shape: tensor.shape, type: tensor.storage.type, file: file,
      offset: member.lowerBound + (count == 0 ? 0 : tensor.offset * tensor.storage.type.size),
      strides: isDense ? nil : tensor.strides)
  }

  /// The position of the last element in its storage, or nil where it cannot be reckoned.
  private static func lastElement(_ tensor: TensorUnpickler.Tensor) -> Int? {
    var last = tensor.offset
    for (length, stride) in zip(tensor.shape, tensor.strides) where length > 0 {
      guard stride >= 0 else { return nil }
      let (reach, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowToo) = last.addingReportingOverflow(reach)
      guard !overflow, !overflowToo else { return nil }
      last = sum
    }
    return last
  }
}
