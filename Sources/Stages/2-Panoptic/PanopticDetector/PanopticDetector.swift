import Checkpoints
public import CrayonCore
public import Foundation
package import Layers
import Resampling
import Tensors

/// This project's own panoptic segmenter: a small detector with a branch that draws a mask in each box, and one for
/// stuff (Panoptic FPN, arXiv 1901.02446, on the trunk of NanoDet-Plus and one in the shape of MOSAIC, arXiv 2112.11623).
/// `Training/SEGMENTER.md` describes it and its file.
public struct PanopticDetector: PanopticSegmenter {
  /// Its `config.json`.
  public let configuration: PanopticDetectorConfiguration
  let network: DetectorNetwork

  /// What it can name: things, and stuff behind them.
  public var categories: CategoryTable { configuration.categories }
  /// Pixels from one position of ``features(_:)`` to the next.
  package static let featureStride = 8

  /// Loads a folder with `config.json` and `model.safetensors`.
  /// - Throws: `ConfigurationError` or `CheckpointError`, naming the file and the key or tensor
  public init(folder: URL) throws {
    configuration = try PanopticDetectorConfiguration(readingJSON: folder.appendingPathComponent("config.json"))
    let weights = WeightReader(try Checkpoint(folder: folder))
    network = try DetectorNetwork(weights, configuration)
    try weights.finish()
  }

  /// The same network on pictures of another size: a larger one finds smaller things, and takes as much longer as it has
  /// more pixels.
  /// - Precondition: `PanopticDetectorConfiguration.isSide(side)`
  public func seeing(side: Int) -> PanopticDetector {
    precondition(PanopticDetectorConfiguration.isSide(side))
    var configuration = configuration
    configuration.side = side
    return PanopticDetector(configuration: configuration, network: network)
  }

  private init(configuration: PanopticDetectorConfiguration, network: DetectorNetwork) {
    self.configuration = configuration
    self.network = network
  }

  /// Segments a picture. The map is decided at the network's size and comes to the picture's by repeating pixels; every
  /// segment's score is how likely it is right.
  /// - Throws: ``SegmenterError/notFinite``
  public func run(_ image: RGBImage) throws -> PanopticMap {
    let side = configuration.side
    let fields = network(pixels(image))
    try SegmenterError.requireFinite(
      fields.levels.map(\.cells.values) + [fields.coarse, fields.fine, fields.semantic].map(\.values))
    let map = try configuration.decision.map(
      fields, masks: { network.mask(of: $0, in: $1, fields, side: side) }, side: side, bins: configuration.bins,
      categories: categories)
    return try map.resized(width: image.width, height: image.height)
  }

  /// The picture's features at an eighth of the network's side, for a mask decoder.
  package func features(_ image: RGBImage) -> FeatureMap { network.coarse(pixels(image)) }

  /// The picture as the network sees it, squashed to a square.
  func pixels(_ image: RGBImage) -> FeatureMap {
    let side = configuration.side
    let square = image.resized(width: side, height: side, by: .pillowBilinear)
    return FeatureMap(height: side, width: side, values: configuration.normalization(square))
  }
}
