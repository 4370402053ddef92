public import Foundation
public import Tensors

/// A file in llama.cpp's format: metadata of many types, and tensors in ggml's block formats, mapped.
///
/// Follows the specification of GGUF, versions 2 and 3, little-endian. Opening checks everything that the file
/// says about itself; values are touched when a matrix is used.
public struct GGUFFile: Sendable {
  /// A value of the metadata.
  public enum Value: Sendable, Equatable {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case bool(Bool)
    case string(String)
    case integers([Int64])
    case floats([Float])
    case strings([String])
    /// An array of arrays or of booleans, which nothing here needs.
    case skipped
  }

  /// Where a tensor lies, and as what.
  public struct Entry: Sendable {
    public let name: String
    /// The length of every axis, outermost first: the reverse of the file's order.
    public let shape: [Int]
    public let format: MatrixFormat
    /// Bytes of the file.
    public let range: Range<Int>
  }

  public let file: MappedFile
  public let metadata: [String: Value]
  /// In the order of the file.
  public let entries: [Entry]
  private let positions: [String: Int]

  /// - Throws: ``CheckpointError``
  public init(_ url: URL) throws {
    try self.init(try MappedFile(url))
  }

  /// - Throws: ``CheckpointError``
  package init(_ file: MappedFile) throws {
    guard file.size > 0 else { throw CheckpointError.empty(path: file.path) }
    let header = try file.readAll { try GGUFHeader($0, path: file.path) }
    var positions: [String: Int] = [:]
    for (index, entry) in header.entries.enumerated() {
      guard positions.updateValue(index, forKey: entry.name) == nil else {
        throw CheckpointError.duplicateName(path: file.path, name: entry.name)
      }
    }
    self.file = file
    metadata = header.metadata
    entries = header.entries
    self.positions = positions
  }

  public func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// A tensor of two axes as a matrix over the mapped bytes.
  /// - Throws: ``CheckpointError`` when it is missing or has another shape.
  public func matrix(_ name: String, rows: Int, columns: Int) throws -> QuantizedMatrix {
    let entry = try existing(name, shape: [rows, columns])
    return try QuantizedMatrix(entry.format, rows: rows, columns: columns, file: file, range: entry.range)
  }

  /// A tensor as floats: a view of the file where it holds them, else a copy.
  /// - Throws: ``CheckpointError`` when it is missing, has another shape, or holds what is not a finite number.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    let entry = try existing(name, shape: shape)
    let columns = shape.last ?? 1
    let matrix = try QuantizedMatrix(
      entry.format, rows: shape.dropLast().reduce(1, *), columns: columns, file: file, range: entry.range)
    let tensor = matrix.dequantized().reshaped(shape)
    if let index = tensor.firstNonFiniteIndex {
      throw CheckpointError.notFinite(path: file.path, name: name, index: index)
    }
    return tensor
  }

  private func existing(_ name: String, shape: [Int]) throws -> Entry {
    guard let entry = entry(named: name) else {
      throw CheckpointError.missingTensor(path: file.path, name: name)
    }
    guard entry.shape == shape else {
      throw CheckpointError.wrongShape(path: file.path, name: name, expected: shape, got: entry.shape)
    }
    return entry
  }
}
