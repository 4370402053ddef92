public import CrayonCore

/// A picture that is drawn on.
public struct Canvas: Sendable {
  public let width: Int
  public let height: Int
  /// Row-major [height, width, 3].
  public private(set) var pixels: [UInt8]

  /// - Precondition: neither side is zero.
  public init(width: Int, height: Int, background: Colour) {
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { pixels, count in
      for index in 0..<width * height {
        pixels[index * 3] = background.red
        pixels[index * 3 + 1] = background.green
        pixels[index * 3 + 2] = background.blue
      }
      count = width * height * 3
    }
  }

  public var image: RGBImage { RGBImage(width: width, height: height, pixels: pixels) }

  /// Lends the pixels for writing.
  public mutating func write<Result>(_ body: (inout UnsafeMutableBufferPointer<UInt8>) throws -> Result)
    rethrows -> Result
  {
    try pixels.withUnsafeMutableBufferPointer(body)
  }

  /// Fills a box, as far as it lies on the canvas.
  /// - Parameter opacity: 0 for nothing to 256 for all
  public mutating func fill(_ box: PixelBox, _ colour: Colour, opacity: Int = 256) {
    let columns = max(box.x0, 0)..<max(min(box.x1, width), max(box.x0, 0))
    for y in max(box.y0, 0)..<max(min(box.y1, height), max(box.y0, 0)) {
      for x in columns { blend(colour, opacity: opacity, at: y * width + x) }
    }
  }

  /// Draws a text with its upper left corner at a point, as far as it lies on the canvas.
  public mutating func draw(_ text: TextRenderer.Mask, x left: Int, y top: Int, _ colour: Colour) {
    for row in max(0, -top)..<max(min(text.height, height - top), max(0, -top)) {
      for column in max(0, -left)..<max(min(text.width, width - left), max(0, -left)) {
        let coverage = Int(text.coverage[row * text.width + column])
        guard coverage > 0 else { continue }
        blend(colour, opacity: coverage + 1, at: (top + row) * width + left + column)
      }
    }
  }

  private mutating func blend(_ colour: Colour, opacity: Int, at index: Int) {
    func mixed(_ under: UInt8, _ over: UInt8) -> UInt8 {
      UInt8((Int(under) * (256 - opacity) + Int(over) * opacity) >> 8)
    }
    pixels[index * 3] = mixed(pixels[index * 3], colour.red)
    pixels[index * 3 + 1] = mixed(pixels[index * 3 + 1], colour.green)
    pixels[index * 3 + 2] = mixed(pixels[index * 3 + 2], colour.blue)
  }
}
