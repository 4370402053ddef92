import Checkpoints
public import CrayonCore
public import Foundation
import Layers
import Tensors

/// A small panoptic segmenter of rendered scenes, which works from the bottom up (after Panoptic-DeepLab, arXiv 1911.10194): for every
/// pixel its class, and the way to the centre of its thing.
public struct BottomUpSegmenter: PanopticSegmenter {
  public let configuration: BottomUpConfiguration
  private let network: BottomUpNetwork

  public var categories: CategoryTable { configuration.categories }

  /// Loads a folder with `config.json` and `model.safetensors`.
  /// - Throws: `ConfigurationError` or `CheckpointError`, naming the file and the key or tensor
  public init(folder: URL) throws {
    configuration = try BottomUpConfiguration(readingJSON: folder.appendingPathComponent("config.json"))
    let weights = WeightReader(try Checkpoint(folder: folder))
    network = try BottomUpNetwork(weights, configuration)
    try weights.finish()
  }

  /// Segments a picture. The map is decided at the network's size and comes to the picture's by repeating pixels.
  public func run(_ image: RGBImage) throws -> PanopticMap {
    let map = try configuration.decision.map(fields(image), side: configuration.side, categories: categories)
    return try map.resized(width: image.width, height: image.height)
  }

  private func fields(_ image: RGBImage) -> BottomUpNetwork.Fields {
    let side = configuration.side
    let square = image.resized(width: side, height: side, by: .pillowBilinear)
    let values = Tensor(shape: [side * side, 3]) { out in
      for (index, byte) in square.pixels.enumerated() {
        out[index] = (Float(byte) / 255 - configuration.mean[index % 3]) / configuration.deviation[index % 3]
      }
    }
    return network(FeatureMap(height: side, width: side, values: values))
  }
}
