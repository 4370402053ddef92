public import Tensors

extension WeightReader {
  /// The tensor of this name as a matrix over the file's own bytes: 32- or 16-bit floats, nf4 as bitsandbytes
  /// stores it, told by the tensors beside it, or Q8_0, told by its shape (``CheckpointQuantization/Format/q8``). Values are not read, so they are not checked, unless
  /// `readingValues`, and then only those that are no nf4.
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
      take(full)
      return try QuantizedMatrix(.q8_0, rows: rows, columns: columns, file: entry.file, range: entry.range)
    }
    guard entry.shape == [rows, columns] else {
      throw CheckpointError.wrongShape(
        path: checkpoint.path, name: full, expected: [rows, columns], got: entry.shape)
    }
    guard entry.strides == nil, let format = MatrixFormat(entry.elementType) else {
      return QuantizedMatrix(try tensor(name, shape: [rows, columns]))
    }
    take(full)
    let matrix = try QuantizedMatrix(
      format, rows: rows, columns: columns, file: entry.file, range: entry.range)
    if readingValues && checkFinite, let index = matrix.firstNonFiniteIndex {
      throw CheckpointError.notFinite(path: checkpoint.path, name: full, index: index)
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
    let scales = try absmax.file.read(absmax.range) { absmaxBytes in
      guard let base = absmaxBytes.baseAddress else {
        throw CheckpointError.missingTensor(path: checkpoint.path, name: full + ".absmax")
      }
      return NF4Scales(
        absmax: base.assumingMemoryBound(to: UInt8.self),
        nestedAbsmax: try tensor(name + ".nested_absmax", shape: [(blocks + 255) / 256]),
        nestedMap: try tensor(name + ".nested_quant_map", shape: [256]), offset: state.nested_offset,
        map: try tensor(name + ".quant_map", shape: [16]), owner: absmax.file)
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
