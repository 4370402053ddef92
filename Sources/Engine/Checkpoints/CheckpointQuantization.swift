import AtomicFiles
public import Foundation
import Tensors

/// Writes a checkpoint anew with some of its matrices in fewer bits.
public enum CheckpointQuantization {
  /// What a matrix becomes.
  public enum Format: String, Sendable, CaseIterable {
    /// 4 bits with double quantisation, under the names that bitsandbytes saves them with (QLoRA, arXiv 2305.14314).
    case nf4
    /// 8 bits in ggml's Q8_0: one tensor of bytes [rows, columns / 32, 34], each block a half and 32 whole numbers.
    case q8

    /// Values that share a scale; rows are whole blocks.
    var blockValues: Int {
      switch self {
      case .nf4: 64
      case .q8: 32
      }
    }
  }

  /// How far it is.
  public struct Progress: Sendable {
    /// Bytes of the checkpoint that have been read.
    public var done: Int
    public var total: Int
  }

  /// Writes one safetensors file: the named matrices in a format, everything else as it was. One matrix after the
  /// other is in memory, and no more.
  /// - Parameter matrices: names of tensors of two axes whose rows are whole blocks
  /// - Throws: ``CheckpointError`` or `AtomicFileError`
  public static func write(
    _ checkpoint: Checkpoint, _ format: Format, matrices: Set<String>, to url: URL,
    progress: (Progress) -> Void = { _ in }
  ) throws {
    let slots = try checkpoint.entries.flatMap { entry in
      guard matrices.contains(entry.name) else {
        return [SafetensorsLayout.Slot(name: entry.name, type: entry.elementType, shape: entry.shape)]
      }
      guard entry.shape.count == 2, entry.shape[1] % format.blockValues == 0 else {
        throw CheckpointError.notQuantizable(
          path: checkpoint.path, name: entry.name, shape: entry.shape, block: format.blockValues)
      }
      return Self.slots(entry, format)
    }
    let layout = try SafetensorsLayout(slots, metadata: ["format": "pt"], path: url.path)
    var state = Progress(done: 0, total: checkpoint.entries.reduce(0) { $0 + $1.range.count })
    try AtomicFile.write(to: url) { output in
      try output.append(layout.header)
      func write(_ name: String, _ data: Data, at offset: Int = 0) throws {
        try output.write(data, at: (layout.ranges[name]?.lowerBound ?? 0) + offset)
      }
      for entry in checkpoint.entries {
        if matrices.contains(entry.name) {
          let tensor = try checkpoint.tensor(entry.name)
          if let index = tensor.firstNonFiniteIndex {
            throw CheckpointError.notFinite(path: checkpoint.path, name: entry.name, index: index)
          }
          switch format {
          case .nf4: try nf4(tensor, entry.name, write)
          case .q8: try write(entry.name, Q8Quantizer.bytes(of: tensor))
          }
        } else {
          var offset = 0
          try SafetensorsWriter.Values.stored(entry).forEachPiece {
            try write(entry.name, $0, at: offset)
            offset += $0.count
          }
        }
        // Read once: the pages need not stay.
        entry.file.release(entry.range)
        state.done += entry.range.count
        progress(state)
      }
    }
  }

  private static func slots(_ entry: Checkpoint.Entry, _ format: Format) -> [SafetensorsLayout.Slot] {
    let (name, rows, columns) = (entry.name, entry.shape[0], entry.shape[1])
    let blocks = rows * columns / format.blockValues
    func slot(_ suffix: String, _ type: ElementType, _ shape: [Int]) -> SafetensorsLayout.Slot {
      .init(name: name + suffix, type: type, shape: shape)
    }
    switch format {
    case .q8: return [slot("", .uint8, [rows, columns / 32, 34])]
    case .nf4:
      return [
        slot("", .uint8, [rows * columns / 2, 1]), slot(".absmax", .uint8, [blocks]),
        slot(".nested_absmax", .float32, [(blocks + 255) / 256]), slot(".quant_map", .float32, [16]),
        slot(".nested_quant_map", .float32, [256]), slot(nf4Description, .uint8, [NF4Description.length]),
      ]
    }
  }

  private static let nf4Description = ".quant_state.bitsandbytes__nf4"

  private static func nf4(
    _ tensor: Tensor, _ name: String, _ write: (String, Data, Int) throws -> Void
  ) throws {
    let quantized = NF4Quantizer(tensor)
    func floats(_ values: [Float]) -> Data { values.withUnsafeBytes { Data($0) } }
    try write(name, Data(quantized.packed), 0)
    try write(name + ".absmax", Data(quantized.absmax), 0)
    try write(name + ".nested_absmax", floats(quantized.nestedAbsmax), 0)
    try write(name + ".quant_map", floats(NF4Quantizer.map), 0)
    try write(name + ".nested_quant_map", floats(NF4Quantizer.nestedMap), 0)
    try write(
      name + nf4Description, try NF4Description(shape: tensor.shape, offset: quantized.offset).json(), 0)
  }
}
