/// A picture as every stage sees it: 8-bit sRGB, upright, without alpha.
///
/// Stage 1 makes these from files. `pixels` is row-major [height, width, 3].
public struct RGBImage: Sendable, Equatable {
  public let width: Int
  public let height: Int
  public var pixels: [UInt8]

  /// - Precondition: `pixels.count == width * height * 3` and neither side is zero.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
