public import CrayonCore
public import Layers
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

  public var side: Int
  public var placement: Placement
  public var rescale: Float
  public var mean: [Float]
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
