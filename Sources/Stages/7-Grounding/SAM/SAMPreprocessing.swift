public import Checkpoints
public import CrayonCore
public import Foundation
public import Layers
import Resampling
import Tensors

/// What happens to a picture before SAM sees it: the longer side is resized to the square's, the bytes become numbers,
/// and what is missing to the square is zero.
public struct SAMPreprocessing: Sendable, Equatable {
  /// Where the picture lies in the square.
  public enum Placement: Sendable, Equatable {
    /// In the upper left corner: SAM's own way.
    case corner
    /// In the middle: NExT-Chat's way, whose boxes are fractions of such a square.
    case middle
  }

  /// Of the square, in pixels.
  public var side: Int
  /// Where the picture lies in it.
  public var placement: Placement
  /// How bytes become values.
  public var normalization: PixelNormalization

  /// - Precondition: `side` is positive.
  public init(
    side: Int = 1024, placement: Placement = .corner, normalization: PixelNormalization = .imageNet
  ) {
    precondition(side > 0)
    self.side = side
    self.placement = placement
    self.normalization = normalization
  }

  /// How the square lies over a picture of a size.
  public func frame(width: Int, height: Int) -> PictureFrame {
    PictureFrame(
      placement == .corner ? .corner(side: side) : .middle(side: side), width: width, height: height)
  }

  /// The square as the image encoder wants it. [side · side, 3]
  public func callAsFunction(_ image: RGBImage) -> FeatureMap {
    let frame = frame(width: image.width, height: image.height)
    let size = frame.resizedSize
    let resized = image.resized(width: size.width, height: size.height, by: .pillowBilinear)
    let (left, top) = (-frame.origin.x, -frame.origin.y)
    let values = normalization(resized)
    let square = Tensor(shape: [side * side, 3]) { out in
      // Zero is the mean colour here.
      out.update(repeating: 0, count: side * side * 3)
      values.read { values in
        for y in 0..<size.height {
          (out + ((top + y) * side + left) * 3).update(from: values + y * size.width * 3, count: size.width * 3)
        }
      }
    }
    return FeatureMap(height: side, width: side, values: square)
  }
}

extension SAMPreprocessing {
  /// Reads `preprocessor_config.json` as it lies beside a published SAM (transformers' `SamImageProcessor`).
  /// - Parameters:
  ///   - url: of the `preprocessor_config.json`
  ///   - side: of the square that the model sees, which the file must agree with
  /// - Throws: `ConfigurationError` naming the file and the key.
  public init(readingJSON url: URL, side: Int) throws {
    let file = try ConfigurationFile(url)
    let config = try file.decode(Published.self)
    try file.require("do_resize", config.do_resize ?? true, is: true)
    try file.require("do_pad", config.do_pad ?? true, is: true)
    // Pillow's number for bilinear.
    try file.require("resample", config.resample ?? 2, is: 2)
    for (key, size, names) in [
      ("size", config.size, ["longest_edge"]), ("pad_size", config.pad_size, ["height", "width"]),
    ] {
      for name in names {
        guard let length = size == nil ? 1024 : size?[name] else { throw file.bad(key) }
        try file.require("\(key).\(name)", length, is: side)
      }
    }
    self.init(side: side, normalization: try PixelNormalization(file))
  }
}

/// `preprocessor_config.json` as it is published; names are the file's.
private struct Published: Decodable {
  var do_resize: Bool?
  var do_pad: Bool?
  var resample: Int?
  var size: PublishedSize?
  var pad_size: PublishedSize?
}
