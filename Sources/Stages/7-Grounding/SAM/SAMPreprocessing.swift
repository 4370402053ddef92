import Checkpoints
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
  /// What bytes are multiplied by.
  public var rescale: Float
  /// By channel, of what was rescaled; red first.
  public var mean: [Float]
  /// What is divided by, by channel.
  public var deviation: [Float]

  /// - Precondition: `side` is positive, and there are three means and deviations.
  public init(
    side: Int = 1024, placement: Placement = .corner, rescale: Float = 1 / 255,
    mean: [Float] = [0.485, 0.456, 0.406], deviation: [Float] = [0.229, 0.224, 0.225]
  ) {
    precondition(side > 0 && mean.count == 3 && deviation.count == 3)
    self.side = side
    self.placement = placement
    self.rescale = rescale
    self.mean = mean
    self.deviation = deviation
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
    let values = Tensor(shape: [side * side, 3]) { out in
      // Zero is the mean colour here.
      out.update(repeating: 0, count: side * side * 3)
      resized.pixels.withUnsafeBufferPointer { pixels in
        Parallel.forEachRange(size.height, grain: 64) { rows in
          for y in rows {
            let row = out + ((top + y) * side + left) * 3
            for index in 0..<size.width * 3 {
              let value = Float(pixels[y * size.width * 3 + index]) * rescale
              row[index] = (value - mean[index % 3]) / deviation[index % 3]
            }
          }
        }
      }
    }
    return FeatureMap(height: side, width: side, values: values)
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
    let normalization = try PixelNormalization(file)
    self.init(
      side: side, rescale: normalization.rescale, mean: normalization.mean,
      deviation: normalization.deviation)
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
