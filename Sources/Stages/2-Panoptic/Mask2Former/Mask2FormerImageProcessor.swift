public import Checkpoints
public import CrayonCore
public import Foundation
public import Layers
import Resampling
import Tensors

/// What happens to a picture before the model sees it (transformers' `Mask2FormerImageProcessor`, as
/// `preprocessor_config.json` sets it).
public struct Mask2FormerImageProcessor: Sendable, Equatable {
  /// How large the network's picture is made.
  public enum Size: Sendable, Equatable {
    /// The short side becomes `shortest`, unless the long one would exceed `longest`.
    case edges(shortest: Int, longest: Int)
    case exact(height: Int, width: Int)
  }

  /// How large the network's picture is made.
  public var size: Size
  /// Both sides are rounded up to a multiple of this.
  public var divisor: Int
  /// How bytes become values.
  public var normalization: PixelNormalization

  /// The size that a picture is resized to; the proportions change a little by the rounding, and much where a
  /// picture is so thin that its short side would vanish.
  public func targetSize(width: Int, height: Int) -> (width: Int, height: Int) {
    var target: (width: Int, height: Int)
    switch size {
    case .exact(let height, let width):
      target = (width, height)
    case .edges(let shortest, let longest):
      var short = Double(shortest)
      let (least, most) = (Double(min(width, height)), Double(max(width, height)))
      if most / least * short > Double(longest) { short = Double(longest) * least / most }
      let rounded = Int(short.rounded(.toNearestOrEven))
      if width < height {
        target = (rounded, Int(short * Double(height) / Double(width)))
      } else {
        target = (Int(short * Double(width) / Double(height)), rounded)
      }
      if min(width, height) == rounded { target = (width, height) }
    }
    func roundedUp(_ side: Int) -> Int { (max(side, 1) + divisor - 1) / divisor * divisor }
    return (roundedUp(target.width), roundedUp(target.height))
  }

  /// The picture as the model wants it: resized, scaled, normalised. [height · width, 3]
  public func callAsFunction(_ image: RGBImage) -> FeatureMap {
    let target = targetSize(width: image.width, height: image.height)
    let resized = image.resized(width: target.width, height: target.height, by: .pillowBilinear)
    return FeatureMap(height: target.height, width: target.width, values: normalization(resized))
  }
}

extension Mask2FormerImageProcessor {
  /// Reads `preprocessor_config.json`.
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("do_resize", config.do_resize ?? true, is: true)
    // Pillow's number for bilinear.
    try file.require("resample", config.resample ?? 2, is: 2)
    size = try Self.size(config, in: file)
    divisor = config.size_divisor ?? config.size_divisibility ?? 32
    normalization = try PixelNormalization(file)
    guard (1...4096).contains(divisor) else {
      throw ConfigurationError.badValue(file: file.path, key: "size_divisor", value: "\(divisor)")
    }
  }

  private static func size(_ config: Published, in file: ConfigurationFile) throws -> Size {
    let sides = 1...16384
    guard let size = config.size else { return .edges(shortest: 800, longest: 1333) }
    let edges: (shortest: Int?, longest: Int?)
    if case .side(let shortest) = size {
      edges = (shortest, config.max_size ?? 1333)
    } else {
      edges = (size["shortest_edge"], size["longest_edge"] ?? config.max_size)
    }
    if let shortest = edges.shortest, let longest = edges.longest, sides.contains(shortest),
      sides.contains(longest)
    {
      return .edges(shortest: shortest, longest: longest)
    }
    if let height = size["height"], let width = size["width"], sides.contains(height), sides.contains(width) {
      return .exact(height: height, width: width)
    }
    throw file.bad("size")
  }
}

/// `preprocessor_config.json` as it is published; names are the file's.
private struct Published: Decodable {
  var size: PublishedSize?
  var max_size: Int?
  var size_divisor: Int?
  var size_divisibility: Int?
  var do_resize: Bool?
  var resample: Int?
}
