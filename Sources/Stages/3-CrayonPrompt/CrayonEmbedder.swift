public import Checkpoints
public import CrayonCore
import Layers
public import Tensors

/// Crayon features: what each image token is given of the map (CoLLaVO, section 3). The rows of two tables,
/// added, go through a connector of their own: linear, GELU, linear.
public struct CrayonEmbedder: Sendable {
  /// Which part of the map the model is given.
  public enum Channels: String, Sendable, CaseIterable {
    /// What is there, and which one of its kind.
    case semanticAndNumbering
    /// What is there.
    case semantic
  }

  /// [vocabulary + 1, inner width]; row 0 for "unknown"
  let semantic: Tensor
  /// [21, inner width]; row 0 for "unknown"
  let numbering: Tensor
  let first: Linear
  let second: Linear

  /// What the features' last axis measures.
  public var width: Int { second.outputs }

  /// - Parameters:
  ///   - weights: has both tables and the connector under `names`
  ///   - names: what the checkpoint calls the tensors
  ///   - vocabulary: number of categories
  ///   - width: of the language model
  /// - Throws: `CheckpointError` naming a tensor that is missing or has another shape
  public init(_ weights: WeightReader, names: CrayonTensorNames, vocabulary: Int, width: Int) throws {
    let inner = try weights.columns(of: names.semantic)
    semantic = try weights.tensor(names.semantic, shape: [vocabulary + 1, inner])
    numbering = try weights.tensor(names.numbering, shape: [CrayonPrompter.largestNumber + 1, inner])
    first = try Linear(weights.scoped(names.connector + ".0"), inputs: inner, outputs: width)
    second = try Linear(weights.scoped(names.connector + ".2"), inputs: width, outputs: width)
  }

  /// - Returns: [cells, width], row-major over the grid
  /// - Throws: ``CrayonPromptingError`` for a prompt of another vocabulary
  public func features(of prompt: CrayonPrompt, channels: Channels = .semanticAndNumbering) throws -> Tensor {
    try features(semantic: prompt.semantic, numbering: prompt.numbering, channels)
  }

  /// What a cell of each object has.
  /// - Returns: [objects, width]
  /// - Throws: ``CrayonPromptingError`` for objects of another vocabulary
  public func features(
    of objects: [CrayonPrompt.Object], channels: Channels = .semanticAndNumbering
  ) throws -> Tensor {
    try features(semantic: objects.map(\.semantic), numbering: objects.map(\.numbering), channels)
  }

  private func features(semantic: [Int], numbering: [Int], _ channels: Channels) throws -> Tensor {
    try check(semantic, "semantic", self.semantic)
    try check(numbering, "numbering", self.numbering)
    // A map has few kinds of cells: each goes through the connector once.
    let cells = zip(semantic, numbering).map { semantic, numbering in
      Cell(semantic: semantic, numbering: channels == .semantic ? 0 : numbering)
    }
    let kinds = Array(Set(cells)).sorted { ($0.semantic, $0.numbering) < ($1.semantic, $1.numbering) }
    let outputs = second(first(embedded(kinds), activation: .gelu))
    let position = Dictionary(zip(kinds, kinds.indices), uniquingKeysWith: { first, _ in first })
    let width = width
    return Tensor(shape: [cells.count, width]) { out in
      outputs.read { outputs in
        for (index, cell) in cells.enumerated() {
          (out + index * width).update(from: outputs + (position[cell] ?? 0) * width, count: width)
        }
      }
    }
  }

  private func check(_ indices: [Int], _ name: String, _ table: Tensor) throws {
    let rows = table.shape[0]
    if let index = indices.first(where: { !(0..<rows).contains($0) }) {
      throw CrayonPromptingError.outsideOfTable(table: name, index: index, rows: rows)
    }
  }

  private struct Cell: Hashable {
    var semantic: Int
    var numbering: Int
  }

  /// [kinds, inner width]
  private func embedded(_ kinds: [Cell]) -> Tensor {
    let inner = semantic.shape[1]
    return Tensor(shape: [kinds.count, inner]) { out in
      withValues(of: semantic, numbering) { semantic, numbering in
        for (row, kind) in kinds.enumerated() {
          for column in 0..<inner {
            out[row * inner + column] =
              semantic[kind.semantic * inner + column] + numbering[kind.numbering * inner + column]
          }
        }
      }
    }
  }
}

/// What a publisher calls the tensors of a ``CrayonEmbedder``.
public struct CrayonTensorNames: Sendable, Equatable {
  /// Of the semantic table.
  public let semantic: String
  /// Of the numbering table.
  public let numbering: String
  /// Where the connector's names begin.
  public let connector: String

  /// The authors' checkpoint.
  public static let collavo = CrayonTensorNames(
    semantic: "seg_prompt_embed.weight", numbering: "seg_num_embed.weight", connector: "vision_proj_for_seg")
  /// This project's own files.
  public static let pocket = CrayonTensorNames(
    semantic: "semantic", numbering: "numbering", connector: "connector")
}

extension WeightReader {
  /// The length of a matrix's rows.
  fileprivate func columns(of name: String) throws -> Int {
    let (path, name) = (checkpoint.path, prefix + name)
    guard let shape = checkpoint.entry(named: name)?.shape else {
      throw CheckpointError.missingTensor(path: path, name: name)
    }
    guard shape.count == 2, shape[1] > 0 else {
      throw CheckpointError.wrongShape(path: path, name: name, expected: [shape.first ?? 0, 1], got: shape)
    }
    return shape[1]
  }
}

/// Why a crayon prompt cannot be embedded.
public enum CrayonPromptingError: Error, Equatable, CustomStringConvertible {
  case outsideOfTable(table: String, index: Int, rows: Int)

  public var description: String {
    switch self {
    case .outsideOfTable(let table, let index, let rows):
      "the crayon prompt has the index \(index) for the \(table) table, which has \(rows) rows; it was made "
        + "for another vocabulary"
    }
  }
}
