import AtomicFiles
import CKernels
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

  /// Writes one safetensors file: the named matrices in a format, everything else as it was. One matrix after the
  /// other is in memory, and no more.
  /// - Parameters:
  ///   - checkpoint: whose tensors are written, all of them
  ///   - format: what the named matrices become
  ///   - matrices: names of tensors of two axes whose rows are whole blocks
  ///   - url: of the new file, which replaces one that is there; its folder must exist
  ///   - progress: called behind each tensor with the bytes of tensors that have been read; ends the work by throwing
  /// - Throws: ``CheckpointError``, `AtomicFileError`, or what `progress` throws; then there is no file
  public static func write(
    _ checkpoint: Checkpoint, _ format: Format, matrices: Set<String>, to url: URL,
    progress: (Int) throws -> Void = { _ in }
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
    var done = 0
    try AtomicFile.write(to: url) { output in
      try output.append(layout.header)
      func write(_ name: String, _ data: Data, at offset: Int = 0) throws {
        try output.write(data, at: (layout.ranges[name]?.lowerBound ?? 0) + offset)
      }
      for entry in checkpoint.entries {
        if let index = try checkpoint.firstNonFiniteIndex(entry) {
          throw CheckpointError.notFinite(path: checkpoint.path, name: entry.name, index: index)
        }
        if matrices.contains(entry.name) {
          let tensor = try checkpoint.tensor(entry.name)
          switch format {
          case .nf4: try nf4(tensor, entry.name, write)
          case .q8:
            let bytes = Q8Quantizer.bytes(of: tensor)
            if let block = Q8Quantizer.firstInfiniteBlock(of: bytes) {
              throw CheckpointError.tooLarge(
                path: checkpoint.path, name: entry.name, index: block * format.blockValues)
            }
            try write(entry.name, bytes)
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
        done += entry.range.count
        try progress(done)
      }
    }
  }

  private static func slots(_ entry: Checkpoint.Entry, _ format: Format) -> [SafetensorsLayout.Slot] {
    let (name, rows, columns) = (entry.name, entry.shape[0], entry.shape[1])
    switch format {
    case .q8: return [.init(name: name, type: .uint8, shape: [rows, columns / 32, Q8Quantizer.blockBytes])]
    case .nf4: return NF4Description.slots(name, rows: rows, columns: columns)
    }
  }

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
      name + NF4Description.suffix, try NF4Description(shape: tensor.shape, offset: quantized.offset).json(), 0)
  }
}

/// Quantises a matrix to nf4 with double quantisation, as bitsandbytes does it: 64 values share a scale, their
/// largest magnitude; the scales, less their mean, are quantised in blocks of 256 by bitsandbytes' dynamic map
/// (QLoRA, arXiv 2305.14314, section 3; 8-bit optimizers, arXiv 2110.02861, section 1.3).
struct NF4Quantizer {
  /// Two values a byte, the first in the high half.
  private(set) var packed: [UInt8]
  /// The scales' codes.
  private(set) var absmax: [UInt8]
  private(set) var nestedAbsmax: [Float]
  let offset: Float

  /// What four bits stand for: quantiles of the normal distribution.
  static let map: [Float] = [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1,
  ]

  /// What a byte of a scale stands for: magnitudes spread evenly within powers of ten, both signs, 0 and 1.
  static let nestedMap: [Float] = {
    var values: [Float] = [0, 1]
    for exponent in 0..<7 {
      let items = 1 << exponent
      let unit = Float(pow(10, Double(exponent - 6)))
      for index in 0..<items {
        let low = 0.1 + 0.9 * Float(index) / Float(items)
        let high = 0.1 + 0.9 * Float(index + 1) / Float(items)
        values += [unit * (low + high) / 2, -unit * (low + high) / 2]
      }
    }
    return values.sorted()
  }()

  /// - Parameter matrix: of whole blocks of 64 values
  init(_ matrix: Tensor) {
    let blocks = matrix.count / 64
    var packed = [UInt8](repeating: 0, count: matrix.count / 2)
    var scales = [Float](repeating: 0, count: blocks)
    let borders = zip(Self.map, Self.map.dropFirst()).map { ($0 + $1) / 2 }
    matrix.read { values in
      packed.withUnsafeMutableBufferPointer { packed in
        scales.withUnsafeMutableBufferPointer { scales in
          guard let packed = packed.baseAddress, let scales = scales.baseAddress else { return }
          Parallel.forEachRange(blocks, grain: 1024) { range in
            let first = range.lowerBound
            kernels.quantize_nf4(
              values + first * 64, range.count, borders, packed + first * 32, scales + first)
          }
        }
      }
    }
    self.packed = packed
    offset = Float(scales.reduce(0) { $0 + Double($1) } / Double(max(blocks, 1)))
    absmax = []
    nestedAbsmax = []
    for start in stride(from: 0, to: blocks, by: 256) {
      let part = scales[start..<min(start + 256, blocks)].map { $0 - offset }
      let largest = part.map(abs).max() ?? 0
      nestedAbsmax.append(largest)
      absmax += part.map { Self.nearest(largest > 0 ? $0 / largest : 0) }
    }
  }

  /// The code of the closest value of the dynamic map.
  private static func nearest(_ value: Float) -> UInt8 {
    let map = nestedMap
    var (low, high) = (0, 255)
    while high - low > 1 {
      let middle = (low + high) / 2
      if map[middle] <= value { low = middle } else { high = middle }
    }
    return UInt8(value - map[low] <= map[high] - value ? low : high)
  }
}

/// What bitsandbytes notes beside an nf4 weight, in JSON. Names are the file's.
struct NF4Description: Codable {
  var quant_type: String
  var blocksize: Int
  var dtype: String
  var shape: [Int]
  var nested_blocksize: Int
  var nested_dtype: String
  var nested_offset: Float

  init?(json: UnsafeRawBufferPointer) {
    guard let value = try? JSONDecoder().decode(Self.self, from: Data(json)),
      value.shape.count == 2, value.shape.allSatisfy({ (1...1 << 24).contains($0) }),
      value.nested_offset.isFinite
    else { return nil }
    self = value
  }

  /// Of a matrix that is quantised here.
  init(shape: [Int], offset: Float) {
    quant_type = "nf4"
    blocksize = 64
    dtype = "float32"
    self.shape = shape
    nested_blocksize = 256
    nested_dtype = "float32"
    nested_offset = offset
  }

  /// The tensors that one matrix is: the packed values, and what stands beside them.
  static func slots(_ name: String, rows: Int, columns: Int) -> [SafetensorsLayout.Slot] {
    let blocks = rows * columns / 64
    func slot(_ suffix: String, _ type: ElementType, _ shape: [Int]) -> SafetensorsLayout.Slot {
      .init(name: name + suffix, type: type, shape: shape)
    }
    return [
      slot("", .uint8, [rows * columns / 2, 1]), slot(".absmax", .uint8, [blocks]),
      slot(".nested_absmax", .float32, [(blocks + 255) / 256]), slot(".quant_map", .float32, [16]),
      slot(".nested_quant_map", .float32, [256]), slot(suffix, .uint8, [length]),
    ]
  }

  /// What the description's name adds to that of the matrix.
  static let suffix = ".quant_state.bitsandbytes__nf4"

  /// Bytes that the description takes: the same for every matrix, so that a file's layout is known before its values.
  static let length = 256

  /// As it is stored, with spaces up to ``length``.
  func json() throws -> Data {
    // In one order, so that the same weights are the same file.
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = try encoder.encode(self)
    return text + Data(repeating: 0x20, count: max(0, Self.length - text.count))
  }
}

/// Quantises a matrix to ggml's Q8_0: 32 values share a scale in 16 bits, 127 of which are their largest magnitude.
enum Q8Quantizer {
  static let blockBytes = 34
  /// A block with a number that no scale of 16 bits reaches.
  static func firstInfiniteBlock(of bytes: Data) -> Int? {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / blockBytes).first {
        // A half's exponent is all ones.
        bytes[$0 * blockBytes + 1] & 0x7c == 0x7c
      }
    }
  }

  /// - Parameter matrix: of whole blocks of 32 values
  static func bytes(of matrix: Tensor) -> Data {
    let blocks = matrix.count / 32
    var bytes = Data(count: blocks * blockBytes)
    bytes.withUnsafeMutableBytes { bytes in
      guard let out = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      matrix.read { values in
        Parallel.forEachRange(blocks, grain: 2048) { range in
          kernels.quantize_q8_0(
            values + range.lowerBound * 32, range.count, out + range.lowerBound * blockBytes)
        }
      }
    }
    return bytes
  }
}
