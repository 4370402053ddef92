import Synchronization
public import Tensors

/// Hands the tensors of a checkpoint to a model, each by its name and its shape, and keeps count.
///
/// A model asks for what it needs, part by part, through views that stand for a prefix of the names; at the
/// end ``finish(ignoring:)`` makes sure that nothing in the checkpoint was left over, so that a model and a
/// checkpoint that only look alike do not load.
///
/// ```swift
/// let weights = WeightReader(try Checkpoint(folder: folder))
/// let first = try Linear(weights.scoped("encoder.layers.0.fc1"), inputs: 32, outputs: 64)
/// try weights.finish()
/// ```
public struct WeightReader: Sendable {
  /// What is read.
  public let checkpoint: Checkpoint
  /// What stands before every name that is asked for: empty, or ending in a dot.
  public let prefix: String
  let checkFinite: Bool
  let audit: WeightAudit?
  private let taken: Taken

  /// The names handed out so far, shared by all views of one reader; locked, so that parts of a model may
  /// load on several threads.
  private final class Taken: Sendable {
    let names = Mutex<Set<String>>([])
  }

  /// - Parameters:
  ///   - checkpoint: whose tensors are handed out by name
  ///   - checkFinite: whether a tensor with an infinity or a NaN is refused. That reads every
  ///     value once, which the first use of the model would do anyway.
  public init(_ checkpoint: Checkpoint, checkFinite: Bool = true) {
    self.init(checkpoint, prefix: "", checkFinite: checkFinite, audit: nil, taken: Taken())
  }

  /// Reads no value, and goes on where something is wrong.
  /// - Parameters:
  ///   - checkpoint: whose tensors are looked for by name, and their shapes checked
  ///   - audit: learns what becomes of each tensor
  public init(_ checkpoint: Checkpoint, for audit: WeightAudit) {
    self.init(checkpoint, prefix: "", checkFinite: false, audit: audit, taken: Taken())
  }

  private init(_ checkpoint: Checkpoint, prefix: String, checkFinite: Bool, audit: WeightAudit?, taken: Taken) {
    self.checkpoint = checkpoint
    self.prefix = prefix
    self.checkFinite = checkFinite
    self.audit = audit
    self.taken = taken
  }

  /// Whether values are read; an audit reads none.
  public var readsValues: Bool { audit == nil }

  /// A view of the tensors whose names start with `name` and a dot, by the rest of their names.
  /// - Parameter name: one or several parts of a name, with or without the last dot
  public func scoped(_ name: String) -> WeightReader {
    let dotted = name.isEmpty || name.hasSuffix(".") ? name : name + "."
    return WeightReader(
      checkpoint, prefix: prefix + dotted, checkFinite: checkFinite, audit: audit, taken: taken)
  }

  /// Lets the system take back the memory of the view's tensors, until they are read again.
  package func rest() {
    for entry in checkpoint.entries where entry.name.hasPrefix(prefix) { entry.file.release(entry.range) }
  }

  /// The tensor of this name under the view's prefix.
  /// - Throws: ``CheckpointError`` with the full name when it is missing, has another shape, holds integers,
  ///   or holds a value that is not finite.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    let name = prefix + name
    if let audit { return try audit.tensor(name, shape: shape, of: checkpoint) }
    let entry = try checkpoint.existingEntry(named: name)
    guard entry.shape == shape else {
      throw CheckpointError.wrongShape(
        path: checkpoint.path, name: name, expected: shape, got: entry.shape)
    }
    let tensor = try checkpoint.tensor(name)
    if checkFinite, let index = tensor.firstNonFiniteIndex {
      throw CheckpointError.notFinite(path: checkpoint.path, name: name, index: index)
    }
    take(name)
    return tensor
  }

  /// Notes that a tensor has been asked for, by its full name.
  func take(_ name: String) { taken.names.withLock { _ = $0.insert(name) } }

  /// Passes over tensors under the view's prefix that the model does not need, so that ``finish(ignoring:)``
  /// does not find them left.
  /// - Parameter names: without the prefix, each with the reason why; `{n}` stands for a number
  public func passOver(_ names: [String: String]) {
    let patterns = names.map { (NamePattern(prefix + $0), reason: $1) }
    for name in checkpoint.names where name.hasPrefix(prefix) {
      guard let found = patterns.first(where: { $0.0.matches(name) }) else { continue }
      take(name)
      audit?.passOver(name, found.reason)
    }
  }

  /// Makes sure that every tensor under the view's prefix was asked for.
  /// - Parameter ignored: full names that may stay unread, each with the reason why the model does not need
  ///   it; `{n}` stands for a number (`"layers.{n}.relative_position_index": "computed from the window"`).
  /// - Throws: ``CheckpointError/extraTensors(path:names:)`` with every name that is left over.
  public func finish(ignoring ignored: [String: String] = [:]) throws {
    if let audit {
      // What is left over, the audit finds by itself.
      let patterns = ignored.map { (NamePattern($0), reason: $1) }
      for name in checkpoint.names {
        if let found = patterns.first(where: { $0.0.matches(name) }) { audit.passOver(name, found.reason) }
      }
      return
    }
    let taken = taken.names.withLock { $0 }
    let patterns = ignored.keys.map(NamePattern.init)
    let extra = checkpoint.entries.lazy.map(\.name).filter { name in
      name.hasPrefix(prefix) && !taken.contains(name) && !patterns.contains { $0.matches(name) }
    }
    guard extra.isEmpty else {
      throw CheckpointError.extraTensors(path: checkpoint.path, names: Array(extra))
    }
  }
}

extension WeightReader {
  /// The tensor of this name as a matrix over the file's own bytes: 32- or 16-bit floats, nf4 as bitsandbytes
  /// stores it, told by the tensors beside it, or Q8_0, told by its shape (``CheckpointQuantization/Format/q8``). Values
  /// are not read, so they are not checked, unless `readingValues`, and then only those that are no nf4.
  /// - Throws: ``CheckpointError`` when it is missing, has another shape, or is of a type without a format.
  public func matrix(
    _ name: String, rows: Int, columns: Int, readingValues: Bool = false
  ) throws -> QuantizedMatrix {
    let full = prefix + name
    if let audit { return try audit.matrix(full, rows: rows, columns: columns, of: checkpoint) }
    if checkpoint.entry(named: full + ".absmax") != nil {
      return try nf4Matrix(name, rows: rows, columns: columns)
    }
    let entry = try checkpoint.existingEntry(named: full)
    if entry.elementType == .uint8, entry.strides == nil, columns % 32 == 0,
      entry.shape == [rows, columns / 32, Q8Quantizer.blockBytes]
    {
      return try stored(entry, .q8_0, rows: rows, columns: columns, readingValues: readingValues)
    }
    guard entry.shape == [rows, columns] else {
      throw CheckpointError.wrongShape(
        path: checkpoint.path, name: full, expected: [rows, columns], got: entry.shape)
    }
    guard entry.strides == nil, let format = MatrixFormat(entry.elementType) else {
      return QuantizedMatrix(try tensor(name, shape: [rows, columns]))
    }
    return try stored(entry, format, rows: rows, columns: columns, readingValues: readingValues)
  }

  /// A matrix over an entry's own bytes.
  private func stored(
    _ entry: Checkpoint.Entry, _ format: MatrixFormat, rows: Int, columns: Int, readingValues: Bool
  ) throws -> QuantizedMatrix {
    take(entry.name)
    let matrix = try QuantizedMatrix(
      format, rows: rows, columns: columns, file: entry.file, range: entry.range)
    if readingValues && checkFinite, let index = matrix.firstNonFiniteIndex {
      throw CheckpointError.notFinite(path: checkpoint.path, name: entry.name, index: index)
    }
    return matrix
  }

  /// The type of the tensor's values, or nil where there is no tensor of this name.
  public func elementType(of name: String) -> ElementType? {
    checkpoint.entry(named: prefix + name)?.elementType
  }

  /// Whether the checkpoint has a tensor of this name.
  public func has(_ name: String) -> Bool { checkpoint.entry(named: prefix + name) != nil }

  /// What bitsandbytes saves of an nf4 weight with double quantisation: the packed values, and beside them
  /// `absmax` (bytes), `nested_absmax`, `nested_quant_map`, `quant_map`, and a description in JSON.
  private func nf4Matrix(_ name: String, rows: Int, columns: Int) throws -> QuantizedMatrix {
    let full = prefix + name
    let state = try quantState(full)
    let blocks = rows * columns / 64
    guard state.shape == [rows, columns], state.blocksize == 64, state.quant_type == "nf4",
      state.nested_blocksize == 256, columns % 64 == 0
    else {
      throw CheckpointError.wrongShape(
        path: checkpoint.path, name: full, expected: [rows, columns], got: state.shape)
    }
    let packed = try bytes(full, count: rows * columns / 2)
    let absmax = try bytes(full + ".absmax", count: blocks)
    let map = try tensor(name + ".quant_map", shape: [16])
    // Kernels take the map's numbers as whole ones of 16 bits.
    guard map.values.allSatisfy({ abs($0) <= 1 }) else {
      throw CheckpointError.wrongMetadata(
        path: checkpoint.path, key: full + ".quant_map", expected: "16 numbers from −1 to 1")
    }
    let scales = try absmax.file.read(absmax.range) { absmaxBytes in
      guard let base = absmaxBytes.baseAddress else {
        throw CheckpointError.missingTensor(path: checkpoint.path, name: full + ".absmax")
      }
      return NF4Scales(
        absmax: base.assumingMemoryBound(to: UInt8.self),
        nestedAbsmax: try tensor(name + ".nested_absmax", shape: [(blocks + 255) / 256]),
        nestedMap: try tensor(name + ".nested_quant_map", shape: [256]), offset: state.nested_offset,
        map: map, owner: absmax.file)
    }
    return try packed.file.read(packed.range) { packedBytes in
      QuantizedMatrix(
        .nf4, rows: rows, columns: columns, bytes: packedBytes, nf4: scales, owner: packed.file)
    }
  }

  private func bytes(_ name: String, count: Int) throws -> Checkpoint.Entry {
    let entry = try checkpoint.existingEntry(named: name)
    guard entry.elementType == .uint8, entry.strides == nil, entry.count == count else {
      throw CheckpointError.wrongShape(
        path: checkpoint.path, name: name, expected: [count], got: entry.shape)
    }
    take(name)
    return entry
  }

  private func quantState(_ name: String) throws -> NF4Description {
    let key = name + ".quant_state.bitsandbytes__nf4"
    let entry = try checkpoint.existingEntry(named: key)
    take(key)
    return try entry.file.read(entry.range) { bytes in
      guard let state = NF4Description(json: bytes) else {
        throw CheckpointError.wrongMetadata(
          path: checkpoint.path, key: key, expected: "a description of nf4 values")
      }
      return state
    }
  }
}

extension MatrixFormat {
  /// nil for a type that products do not read.
  init?(_ type: ElementType) {
    switch type {
    case .float32: self = .f32
    case .float16: self = .f16
    case .bfloat16: self = .bf16
    default: return nil
    }
  }
}

extension QuantizedMatrix {
  /// A matrix over a part of a mapped file.
  /// - Throws: ``CheckpointError/tooShort(path:needed:size:)``
  init(_ format: MatrixFormat, rows: Int, columns: Int, file: MappedFile, range: Range<Int>) throws {
    self = try file.read(range) { bytes in
      QuantizedMatrix(format, rows: rows, columns: columns, bytes: bytes, owner: file)
    }
  }
}

/// A tensor's name in which `{n}` stands for a number of one or more digits.
struct NamePattern {
  /// What stands between the numbers, in UTF-8.
  private let literals: [[UInt8]]

  init(_ pattern: String) {
    literals = pattern.split(separator: "{n}", omittingEmptySubsequences: false).map { Array($0.utf8) }
  }

  func matches(_ name: String) -> Bool {
    var rest = Array(name.utf8)[...]
    for (index, literal) in literals.enumerated() {
      if index > 0 {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return false }
        rest = rest.dropFirst(digits.count)
      }
      guard rest.starts(with: literal) else { return false }
      rest = rest.dropFirst(literal.count)
    }
    return rest.isEmpty
  }
}
