import Checkpoints
public import Foundation
public import Tensors

/// What stage 4 hands on: one feature vector for every cell of a grid over the model's frame.
public struct VisionTokens: Sendable {
  /// [rows · columns, width], row-major from the upper left cell
  public let features: Tensor
  /// Of patches, from top to bottom.
  public let rows: Int
  /// Of patches, from left to right.
  public let columns: Int
  /// How the grid lies over the picture.
  public let frame: PictureFrame

  /// The length of a feature vector.
  public var width: Int { features.shape[1] }

  /// - Precondition: `features` is [rows · columns, width], and none of them is zero.
  public init(features: Tensor, rows: Int, columns: Int, frame: PictureFrame) {
    precondition(rows > 0 && columns > 0 && features.shape.count == 2 && features.shape[1] > 0)
    precondition(features.shape[0] == rows * columns)
    self.features = features
    self.rows = rows
    self.columns = columns
    self.frame = frame
  }
}

extension VisionTokens: Artifact {
  /// In a folder of artifacts.
  public static var fileNames: [String] { ["4-vision.safetensors"] }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let frame = String(decoding: try encoder.encode(frame), as: UTF8.self)
    var writer = SafetensorsWriter(
      metadata: ["rows": String(rows), "columns": String(columns), "frame": frame])
    writer["features"] = .float32(features)
    try writer.write(to: folder.appendingPathComponent(Self.fileNames[0]))
  }

  /// - Throws: an error that names the file and what is wrong with it
  public init(readingFrom folder: URL) throws {
    let checkpoint = try Checkpoint(safetensors: folder.appendingPathComponent(Self.fileNames[0]))
    func side(_ key: String) throws -> Int {
      guard let text = checkpoint.metadata[key], let side = Int(text), (1...1 << 20).contains(side) else {
        throw VisionTokensError.badNote(file: checkpoint.path, key: key)
      }
      return side
    }
    let (rows, columns) = (try side("rows"), try side("columns"))
    guard let text = checkpoint.metadata["frame"],
      let frame = try? JSONDecoder().decode(PictureFrame.self, from: Data(text.utf8)), frame.isPossible
    else { throw VisionTokensError.badNote(file: checkpoint.path, key: "frame") }
    let shape = checkpoint.entry(named: "features")?.shape ?? []
    guard shape.count == 2, shape[0] == rows * columns, shape[1] > 0 else {
      throw VisionTokensError.wrongShape(
        file: checkpoint.path, shape: shape, rows: rows, columns: columns)
    }
    let weights = WeightReader(checkpoint)
    let features = try weights.tensor("features", shape: shape)
    try weights.finish()
    self.init(features: features, rows: rows, columns: columns, frame: frame)
  }
}

extension PictureFrame {
  /// Whether a frame read from a file could have been made.
  fileprivate var isPossible: Bool {
    let sides = 1...1 << 24
    guard sides.contains(width), sides.contains(height) else { return false }
    switch mode {
    case .squash, .padToSquare: return true
    case .centreCrop(let edge, let crop): return sides.contains(edge) && sides.contains(crop)
    case .corner(let side), .middle(let side): return sides.contains(side)
    }
  }
}

/// Why a file does not hold vision tokens.
public enum VisionTokensError: Error, Equatable, CustomStringConvertible {
  case badNote(file: String, key: String)
  case wrongShape(file: String, shape: [Int], rows: Int, columns: Int)

  public var description: String {
    switch self {
    case .badNote(let file, let key):
      "\(file) holds no vision tokens: its note \"\(key)\" is missing or not what is written there"
    case .wrongShape(let file, let shape, let rows, let columns):
      "\(file) holds features of shape \(shape), which are not \(rows)×\(columns) vectors"
    }
  }
}
