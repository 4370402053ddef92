public import Checkpoints
public import CrayonCore
public import Foundation
import Layers
import Resampling
import Tensors

/// The sizes and thresholds of a ``BottomUpSegmenter``, as its `config.json` has them.
public struct BottomUpConfiguration: Sendable {
  /// The side of the square that the network sees, in pixels.
  public let side: Int
  /// The outputs of the two convolutions of the stem, to a quarter of the side.
  public let stem: [Int]
  /// The width of each stage; each but the first begins by halving the map.
  public let widths: [Int]
  /// Residual blocks in each stage.
  public let blocks: [Int]
  /// Channels of the decoder.
  public let decoderWidth: Int
  /// What the maps can name, in the order of the logits.
  public let categories: CategoryTable
  /// The rule that makes a map of the network's outputs.
  public let decision: BottomUpDecision
  /// How bytes become values.
  public let normalization: PixelNormalization

  /// Reads `config.json`.
  /// - Throws: `ConfigurationError` naming the file and the key
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("model_type", config.model_type, is: "crayon-bottom-up")
    try file.require("stride", config.stride, is: 4)
    try file.require("embedding_stride", config.embedding_stride, is: 8)
    try file.check("image_size", config.image_size, in: 32...2048, multipleOf: 32)
    try file.check("stem_widths", config.stem_widths.count, in: 2...2)
    try file.check("widths", config.widths.count, in: 4...4)
    try file.check("blocks", config.blocks.count, in: 4...4)
    for width in config.stem_widths + config.widths + [config.decoder_width] {
      try file.check("widths", width, in: 1...4096)
    }
    for count in config.blocks { try file.check("blocks", count, in: 0...64) }
    try file.require("stem_widths", config.stem_widths[1], is: config.widths[0])
    try file.check("most_centres", config.most_centres, in: 1...4096)
    try file.check("categories", config.categories.count, in: 1...4096)
    side = config.image_size
    stem = config.stem_widths
    widths = config.widths
    blocks = config.blocks
    decoderWidth = config.decoder_width
    categories = try CategoryTable(CategoryTable.cocoCategories(named: config.categories, in: url))
    decision = BottomUpDecision(
      centreThreshold: config.centre_threshold, mostCentres: config.most_centres,
      leastThing: .init(pixels: config.least_thing_pixels, likelihood: config.least_thing_likelihood),
      leastStuff: .init(pixels: config.least_stuff_pixels, likelihood: config.least_stuff_likelihood))
    normalization = try PixelNormalization(
      rescale: 1 / 255, mean: config.image_mean, deviation: config.image_std, in: file)
  }

  private struct Published: Decodable {
    var model_type: String
    var image_size: Int
    var stem_widths: [Int]
    var widths: [Int]
    var blocks: [Int]
    var decoder_width: Int
    var stride: Int
    var embedding_stride: Int
    var categories: [String]
    var centre_threshold: Float
    var most_centres: Int
    var least_thing_pixels: Int
    var least_thing_likelihood: Float
    var least_stuff_pixels: Int
    var least_stuff_likelihood: Float
    var image_mean: [Float]
    var image_std: [Float]
  }
}

/// A small panoptic segmenter of rendered scenes, which works from the bottom up (after Panoptic-DeepLab, arXiv 1911.10194): for every
/// pixel its class, and the way to the centre of its thing.
public struct BottomUpSegmenter: PanopticSegmenter {
  /// Its `config.json`.
  public let configuration: BottomUpConfiguration
  private let network: BottomUpNetwork

  /// What the maps can name.
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
  /// - Throws: ``SegmenterError/notFinite``
  public func run(_ image: RGBImage) throws -> PanopticMap {
    let fields = fields(image)
    try SegmenterError.requireFinite([fields.semantic, fields.centre, fields.offset].map(\.values))
    let map = try configuration.decision.map(fields, side: configuration.side, categories: categories)
    return try map.resized(width: image.width, height: image.height)
  }

  private func fields(_ image: RGBImage) -> BottomUpNetwork.Fields {
    let side = configuration.side
    let square = image.resized(width: side, height: side, by: .pillowBilinear)
    return network(FeatureMap(height: side, width: side, values: configuration.normalization(square)))
  }
}
