/// Reads the header of a safetensors file: 8 bytes of length, a JSON object that names every tensor's type,
/// shape and place, then the data without gaps.
struct SafetensorsFile {
  private(set) var entries: [String: TensorEntry] = [:]

  /// The reference implementation's limit.
  private static let longestHeader = 100_000_000

  /// - Throws: ``CheckpointError/damaged(file:what:)``
  init(_ file: FileBytes) throws {
    guard let length = file.integer(UInt64.self, at: 0) else {
      throw file.damaged("it is shorter than a safetensors header")
    }
    guard length <= Self.longestHeader, length <= file.count - 8 else {
      throw file.damaged("its header claims \(length) bytes, but the file has \(file.count)")
    }
    let dataStart = 8 + Int(length)
    let listed = try file.read(8..<dataStart) { bytes in
      var scanner = JSONScanner(bytes)
      do {
        return try Self.tensors(&scanner)
      } catch let error as JSONScanner.Failure {
        throw file.damaged("its header is not valid: \(error.what) at byte \(error.offset)")
      }
    }
    try place(listed ?? [], in: file, dataStart: dataStart)
  }

  private struct Listed {
    var name: String
    var type: String?
    var shape: [Int]?
    var range: [Int]?
  }

  private static func tensors(_ scanner: inout JSONScanner) throws -> [Listed] {
    var tensors: [Listed] = []
    try scanner.object { name, scanner in
      guard name != "__metadata__" else {
        try scanner.object { _, scanner in _ = try scanner.string() }
        return
      }
      var tensor = Listed(name: name)
      try scanner.object { key, scanner in
        switch key {
        case "dtype": tensor.type = try scanner.string()
        case "shape": tensor.shape = try scanner.integers()
        case "data_offsets": tensor.range = try scanner.integers()
        default: throw scanner.failure("unknown key \"\(key)\"")
        }
      }
      tensors.append(tensor)
    }
    try scanner.end()
    return tensors
  }

  /// Checks every claim of the header, and that together the tensors fill the data exactly: the reference
  /// implementation refuses holes and overlaps too, since they can hide other content.
  private mutating func place(_ listed: [Listed], in file: FileBytes, dataStart: Int) throws {
    var ranges: [(start: Int, end: Int, name: String)] = []
    for tensor in listed {
      guard let typeName = tensor.type, let shape = tensor.shape, let range = tensor.range else {
        throw file.damaged("the tensor \(tensor.name) lacks dtype, shape or data_offsets")
      }
      guard let type = Self.types[typeName] else {
        throw file.damaged("the tensor \(tensor.name) has the unknown type \(typeName)")
      }
      guard range.count == 2, range[0] >= 0, range[0] <= range[1], range[1] <= file.count - dataStart
      else {
        throw file.damaged("the tensor \(tensor.name) lies outside of the file")
      }
      guard let count = TensorEntry.count(of: shape),
        !count.multipliedReportingOverflow(by: type.size).overflow,
        count * type.size == range[1] - range[0]
      else {
        throw file.damaged("the tensor \(tensor.name) has a shape that does not fit its size")
      }
      let entry = TensorEntry(
        shape: shape, type: type, file: file, offset: dataStart + range[0], strides: nil)
      guard entries.updateValue(entry, forKey: tensor.name) == nil else {
        throw file.damaged("the tensor \(tensor.name) stands twice in its header")
      }
      ranges.append((range[0], range[1], tensor.name))
    }
    var end = 0
    for range in ranges.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      guard range.start == end else {
        throw file.damaged("the data of \(range.name) overlaps another tensor's or leaves a hole")
      }
      end = range.end
    }
    guard end == file.count - dataStart else {
      throw file.damaged("\(file.count - dataStart - end) bytes at its end belong to no tensor")
    }
  }

  private static let types: [String: ElementType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64,
    "I32": .int32, "I16": .int16, "I8": .int8, "U64": .uint64, "U32": .uint32, "U16": .uint16,
    "U8": .uint8, "BOOL": .bool, "F8_E4M3": .float8e4m3, "F8_E5M2": .float8e5m2,
  ]
}
