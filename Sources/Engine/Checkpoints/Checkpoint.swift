import CKernels
import Crypto
public import Foundation
public import Tensors

/// The named tensors of a model's weights, memory-mapped: opening one reads headers only.
public struct Checkpoint: Sendable {
  /// The file or folder, for messages.
  public let path: String
  private let entries: [String: TensorEntry]
  private let files: [FileBytes]

  /// Opens one file; what it is, its first bytes say.
  /// - Throws: ``CheckpointError``
  public init(file url: URL) throws {
    try self.init(FileBytes(mapping: url))
  }

  /// Opens the weights in a model's folder. In this order:
  /// 1. `model.safetensors`
  /// 2. the parts that `model.safetensors.index.json` lists
  /// 3. `pytorch_model.bin`
  /// 4. the parts that `pytorch_model.bin.index.json` lists
  /// - Throws: ``CheckpointError``
  public init(folder: URL) throws {
    for name in ["model.safetensors", "pytorch_model.bin"] {
      let whole = folder.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: whole.path) {
        try self.init(file: whole)
        return
      }
      let index = folder.appendingPathComponent("\(name).index.json")
      if FileManager.default.fileExists(atPath: index.path) {
        try self.init(parts: Self.parts(index), path: folder.path)
        return
      }
    }
    throw CheckpointError.nothingToLoad(folder: folder.path)
  }

  package init(_ file: FileBytes) throws {
    let isZip = file.integer(UInt32.self, at: 0) == 0x0403_4B50
    entries =
      isZip || file.path.hasSuffix(".bin") || file.path.hasSuffix(".pth")
      ? try TorchFile(file).entries : try SafetensorsFile(file).entries
    path = file.path
    files = [file]
  }

  private init(parts: [URL], path: String) throws {
    var entries: [String: TensorEntry] = [:]
    var files: [FileBytes] = []
    for url in parts {
      let part = try Checkpoint(file: url)
      entries.merge(part.entries) { first, _ in first }
      files += part.files
    }
    self.path = path
    self.entries = entries
    self.files = files
  }

  private static func parts(_ index: URL) throws -> [URL] {
    struct Index: Decodable { var weight_map: [String: String] }
    guard let data = try? Data(contentsOf: index),
      let names = try? JSONDecoder().decode(Index.self, from: data).weight_map.values
    else { throw CheckpointError.damaged(file: index.path, what: "it has no readable weight_map") }
    return try Set(names).sorted().map { name in
      guard !name.contains("/"), !name.hasPrefix(".") else {
        throw CheckpointError.damaged(file: index.path, what: "it names a part outside of its folder")
      }
      return index.deletingLastPathComponent().appendingPathComponent(name)
    }
  }

  /// In alphabetical order.
  public var names: [String] { entries.keys.sorted() }

  /// nil where there is no such tensor.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// A tensor as 32-bit floats: the mapped bytes themselves where they are that, else a converted copy.
  /// - Throws: ``CheckpointError`` when it is missing or does not hold floating-point numbers.
  public func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name] else {
      throw CheckpointError.missingTensor(file: path, name: name)
    }
    let address = entry.file.address(of: entry.offset)
    let isAligned = UInt(bitPattern: address) % UInt(MemoryLayout<Float>.alignment) == 0
    if entry.type == .float32, entry.strides == nil, isAligned, entry.count > 0 {
      return Tensor(
        borrowing: address.assumingMemoryBound(to: Float.self), shape: entry.shape, owner: entry.file)
    }
    guard let convert = Self.conversions[entry.type] else {
      throw CheckpointError.notFloatingPoint(file: path, name: name, type: entry.type.rawValue)
    }
    return withExtendedLifetime(entry.file) {
      Tensor(shape: entry.shape) { out in
        guard let strides = entry.strides else { return convert(address, out, entry.count) }
        Self.gather(entry, strides: strides, from: address, by: convert, into: out)
      }
    }
  }

  /// SHA-256 over all files in the order of their names, in hexadecimal: what answers depend on.
  public func digest() -> String {
    var hash = SHA256()
    for file in files.sorted(by: { $0.path < $1.path }) {
      // In pieces, so that pages already hashed can be dropped when memory is short.
      for start in stride(from: 0, to: file.count, by: 16 << 20) {
        _ = file.read(start..<min(file.count, start + 16 << 20)) { hash.update(bufferPointer: $0) }
      }
    }
    return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private typealias Conversion = (UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Void

  private static let conversions:
    [ElementType: @Sendable (UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Void] = [
      .float32: { from, to, count in
        UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: count * 4)
      },
      .float64: { ck_floats_from_doubles($0, $1, $2) },
      .float16: { ck_floats_from_halves($0, $1, $2) },
      .bfloat16: { ck_floats_from_bfloats($0, $1, $2) },
    ]

  /// Elements that do not lie row by row, one at a time: transposed weights are rare and small.
  private static func gather(
    _ entry: TensorEntry, strides: [Int], from address: UnsafeRawPointer, by convert: Conversion,
    into out: UnsafeMutablePointer<Float>
  ) {
    var index = [Int](repeating: 0, count: entry.shape.count)
    for position in 0..<entry.count {
      let element = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      convert(address + element * entry.type.size, out + position, 1)
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < entry.shape[axis] { break }
        index[axis] = 0
      }
    }
  }
}
