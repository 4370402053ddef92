import Checkpoints

/// Writes pickles operation by operation, and the zip archives around them, so that tests can lie.
struct PickleProgram {
  private(set) var bytes: [UInt8] = [0x80, 2]

  mutating func raw(_ more: [UInt8]) { bytes += more }
  mutating func raw(_ text: String) { bytes += text.utf8 }

  mutating func string(_ text: String) {
    raw("X")
    withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { bytes += $0 }
    raw(text)
  }

  mutating func int(_ value: Int) {
    raw([0x8a, 8])
    withUnsafeBytes(of: Int64(value).littleEndian) { bytes += $0 }
  }

  mutating func global(_ module: String, _ name: String) { raw("c\(module)\n\(name)\n") }

  mutating func ints(_ values: [Int]) {
    raw("(")
    values.forEach { int($0) }
    raw("t")
  }

  mutating func tensor(
    shape: [Int], strides: [Int], offset: Int = 0, storage: String = "FloatStorage", key: String = "0",
    count: Int
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    raw("((")
    string("storage")
    global("torch", storage)
    string(key)
    string("cpu")
    int(count)
    raw("tQ")
    int(offset)
    ints(shape)
    ints(strides)
    raw([0x89])  // requires_grad: False
    global("collections", "OrderedDict")
    raw(")RtR")
  }

  /// {"a": one tensor}
  static func single(
    shape: [Int], strides: [Int], offset: Int = 0, storage: String = "FloatStorage", count: Int
  ) -> [UInt8] {
    var program = PickleProgram()
    program.raw("}")
    program.string("a")
    program.tensor(shape: shape, strides: strides, offset: offset, storage: storage, count: count)
    program.raw("s.")
    return program.bytes
  }
}

/// A zip archive of stored records in memory, as `torch.save` would lay it out but without its padding.
func archive(_ records: [(name: String, bytes: [UInt8])], wide: Bool = false) -> [UInt8] {
  var bytes: [UInt8] = []
  var directory: [UInt8] = []
  func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
  for record in records {
    let (name, size) = (Array(record.name.utf8), record.bytes.count)
    let start = bytes.count
    let fixed = little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0)) + little(UInt32(0))  // flags to sum
    let narrow = wide ? UInt32.max : UInt32(size)
    bytes += little(UInt32(0x0403_4b50)) + little(UInt16(20)) + fixed
    bytes += little(narrow) + little(narrow)
    bytes += little(UInt16(name.count)) + little(UInt16(0)) + name + record.bytes
    let extra =
      wide
      ? little(UInt16(1)) + little(UInt16(24)) + little(UInt64(size)) + little(UInt64(size))
        + little(UInt64(start)) : []
    directory += little(UInt32(0x0201_4b50)) + little(UInt16(20)) + little(UInt16(20)) + fixed
    directory += little(narrow) + little(narrow)
    directory += little(UInt16(name.count)) + little(UInt16(extra.count)) + little(UInt16(0))
    directory += little(UInt64(0)) + little(wide ? UInt32.max : UInt32(start)) + name + extra
  }
  let start = bytes.count
  bytes += directory
  if wide {
    let record = bytes.count
    bytes += little(UInt32(0x0606_4b50)) + little(UInt64(44)) + little(UInt32(45 << 16 | 45))
    bytes += little(UInt64(0)) + little(UInt64(records.count)) + little(UInt64(records.count))
    bytes += little(UInt64(directory.count)) + little(UInt64(start))
    bytes += little(UInt32(0x0706_4b50)) + little(UInt32(0)) + little(UInt64(record)) + little(UInt32(1))
  }
  let count = wide ? UInt16.max : UInt16(records.count)
  bytes += little(UInt32(0x0605_4b50)) + little(UInt32(0)) + little(count) + little(count)
  bytes += little(wide ? UInt32.max : UInt32(directory.count)) + little(wide ? UInt32.max : UInt32(start))
  return bytes + little(UInt16(0))
}

/// A PyTorch file of this pickle and one storage that counts upwards.
func torchFile(pickle: [UInt8], storage: Int = 16, wide: Bool = false) -> MappedFile {
  let storage = (0..<storage).map { UInt8(truncatingIfNeeded: $0) }
  return MappedFile(
    copying: archive([("x/data.pkl", pickle), ("x/data/0", storage)], wide: wide), path: "file")
}
