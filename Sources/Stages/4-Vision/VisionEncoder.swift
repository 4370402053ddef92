import Checkpoints
public import CrayonCore
public import Foundation
public import Layers
import Tensors

/// Stage 4: a picture's features, one vector for each cell of a grid, with a connector behind the tower where there
/// is one.
public struct VisionEncoder: Stage {
  /// From a picture to the tower's pixels.
  public let preprocessing: VisionPreprocessing
  /// The network.
  public let tower: CLIPVisionTower
  /// Leads to the language model's width; nil for the tower's own features.
  public let connector: MLPConnector?

  /// - Throws: ``VisionError`` when the parts do not fit each other.
  public init(
    preprocessing: VisionPreprocessing, tower: CLIPVisionTower, connector: MLPConnector? = nil
  ) throws {
    guard preprocessing.side == tower.side else {
      throw VisionError.badSide(preprocessing.side, patch: tower.configuration.patch)
    }
    if let connector {
      guard connector.inputs == tower.configuration.width else {
        throw VisionError.widthMismatch(connector: connector.inputs, tower: tower.configuration.width)
      }
      let cells = tower.gridSide * tower.gridSide
      if let positions = connector.positions, positions.shape[0] != cells {
        throw VisionError.gridMismatch(positions: positions.shape[0], cells: cells)
      }
    }
    self.preprocessing = preprocessing
    self.tower = tower
    self.connector = connector
  }

  /// Opens a folder in the published layout of CLIP.
  /// - Parameters:
  ///   - folder: with `config.json`, the weights and, where `preprocessing` is nil, `preprocessor_config.json`
  ///   - preprocessing: nil for that of `preprocessor_config.json`
  ///   - layer: the hidden state that is taken, counted as transformers does
  ///   - connector: leads to the language model's width; nil for the tower's own features
  /// - Throws: ``VisionError``, `ConfigurationError` or `CheckpointError`, naming the file and the key or tensor.
  public init(
    folder: URL, preprocessing: VisionPreprocessing? = nil, layer: Int = -1,
    connector: MLPConnector? = nil
  ) throws {
    let preprocessing =
      try preprocessing
      ?? VisionPreprocessing(readingJSON: folder.appendingPathComponent("preprocessor_config.json"))
    try self.init(
      preprocessing: preprocessing,
      tower: try CLIPVisionTower(folder: folder, side: preprocessing.side, layer: layer),
      connector: connector)
  }

  /// - Throws: ``VisionError/notFinite``
  public func run(_ image: RGBImage) throws -> VisionTokens {
    let seen = tower(preprocessing(image))
    let features = connector?(seen) ?? seen
    guard features.firstNonFiniteIndex == nil else { throw VisionError.notFinite }
    return VisionTokens(
      features: features, rows: tower.gridSide, columns: tower.gridSide,
      frame: preprocessing.frame(width: image.width, height: image.height))
  }
}

/// Why a vision tower cannot be used as it was asked for.
public enum VisionError: Error, Equatable, CustomStringConvertible {
  case noSuchLayer(index: Int, layers: Int)
  case badSide(Int, patch: Int)
  case gridMismatch(positions: Int, cells: Int)
  case widthMismatch(connector: Int, tower: Int)
  case notFinite

  public var description: String {
    switch self {
    case .noSuchLayer(let index, let layers):
      "there is no hidden state \(index) in a vision tower of \(layers) layers; it has 0 to \(layers), or "
        + "counted from the end -\(layers + 1) to -1"
    case .badSide(let side, let patch):
      "the vision tower cannot see pictures of \(side)×\(side) pixels: the side must be a multiple of \(patch), "
        + "and at most 4096"
    case .gridMismatch(let positions, let cells):
      "the connector has \(positions) positions, but the vision tower makes \(cells) tokens"
    case .widthMismatch(let connector, let tower):
      "the connector takes features of width \(connector), but the vision tower makes \(tower)"
    case .notFinite: "the vision tower gives numbers that are infinite or none; its weights are damaged"
    }
  }
}
