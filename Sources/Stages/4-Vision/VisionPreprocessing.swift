public import Checkpoints
public import CrayonCore
public import Foundation
public import Layers
public import Resampling
import Tensors

/// What happens to a picture before a vision tower sees it: it becomes a square of bytes in one of several ways,
/// and the bytes become numbers. How the square lies over the picture is remembered in a `PictureFrame`.
public struct VisionPreprocessing: Sendable, Equatable {
  /// How a picture becomes a square.
  public enum Mode: Sendable, Equatable {
    /// The whole picture, its proportions lost.
    case squash
    /// The picture in the middle of a square, beside it borders of a colour (red, green, blue): NExT-Chat's are
    /// white, LLaVA's the mean of CLIP's pictures.
    case padToSquare(border: SIMD3<UInt8>)
    /// The shorter side becomes `edge` pixels, and the middle is kept.
    case centreCrop(edge: Int)
  }

  /// How a picture becomes a square.
  public var mode: Mode
  /// Of the square that the tower sees, in pixels.
  public var side: Int
  /// By which it is scaled.
  public var filter: ResamplingFilter
  /// How bytes become values.
  public var normalization: PixelNormalization

  /// - Precondition: lengths are positive.
  public init(mode: Mode, side: Int, filter: ResamplingFilter, normalization: PixelNormalization = .clip) {
    precondition(side > 0)
    if case .centreCrop(let edge) = mode { precondition(edge > 0) }
    self.mode = mode
    self.side = side
    self.filter = filter
    self.normalization = normalization
  }

  /// How the square lies over a picture of a size.
  public func frame(width: Int, height: Int) -> PictureFrame {
    switch mode {
    case .squash: PictureFrame(.squash, width: width, height: height)
    case .padToSquare: PictureFrame(.padToSquare, width: width, height: height)
    case .centreCrop(let edge):
      PictureFrame(.centreCrop(edge: edge, crop: side), width: width, height: height)
    }
  }

  /// The square as bytes.
  public func square(_ image: RGBImage) -> RGBImage {
    // What lies beyond the picture in a crop that is larger than it is black.
    var border = SIMD3<UInt8>(repeating: 0)
    if case .padToSquare(let colour) = mode { border = colour }
    return image.framed(
      frame(width: image.width, height: image.height), side: side, by: filter, border: border)
  }

  /// The square as the tower wants it. [side · side, 3]
  public func callAsFunction(_ image: RGBImage) -> FeatureMap {
    FeatureMap(height: side, width: side, values: normalization(square(image)))
  }
}

extension VisionPreprocessing {
  /// Reads `preprocessor_config.json` as it lies beside a published CLIP (transformers' `CLIPImageProcessor`): a
  /// short side with a crop, or a height and a width that are equal, for a squashed picture.
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("do_resize", config.do_resize ?? true, is: true)
    let filter: ResamplingFilter
    // Pillow's numbers.
    switch config.resample ?? 3 {
    case 2: filter = .pillowBilinear
    case 3: filter = .pillowBicubic
    case let other:
      throw ConfigurationError.unsupported(
        file: file.path, key: "resample", value: "\(other)", supported: "2 or 3")
    }
    let (mode, side) = try Self.geometry(config, in: file)
    self.init(
      mode: mode, side: side, filter: filter, normalization: try PixelNormalization(file, defaults: .clip))
  }

  private static func geometry(
    _ config: Published, in file: ConfigurationFile
  ) throws -> (Mode, side: Int) {
    let crops = config.do_center_crop ?? true
    let size = config.size ?? .side(224)
    if let edge = size.shortestEdge {
      guard (1...4096).contains(edge) else { throw file.bad("size") }
      // Without a crop the result would not be a square.
      try file.require("do_center_crop", crops, is: true)
      let crop = try square(config.crop_size ?? .side(224), "crop_size", in: file)
      return (.centreCrop(edge: edge), crop)
    }
    let side = try square(size, "size", in: file)
    if crops {
      try file.require("crop_size", try square(config.crop_size ?? .side(224), "crop_size", in: file), is: side)
    }
    return (.squash, side)
  }

  private static func square(
    _ size: PublishedSize, _ key: String, in file: ConfigurationFile
  ) throws -> Int {
    let side: Int?
    if case .side(let length) = size {
      side = length
    } else {
      side = size["height"] == size["width"] ? size["height"] : nil
    }
    guard let side, (1...4096).contains(side) else { throw file.bad(key) }
    return side
  }
}

/// `preprocessor_config.json` as it is published; names are the file's.
private struct Published: Decodable {
  var size: PublishedSize?
  var crop_size: PublishedSize?
  var do_resize: Bool?
  var do_center_crop: Bool?
  var resample: Int?
}

extension PublishedSize {
  /// As `size`, a single length is the short side's.
  fileprivate var shortestEdge: Int? {
    if case .side(let length) = self { length } else { self["shortest_edge"] }
  }
}
