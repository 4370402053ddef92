public import CrayonCore
public import Drawing
public import Foundation

/// A picture with the regions of an answer drawn over it: masks as tints, boxes as frames, each with its number and
/// its words.
public struct RegionOverlay: Sendable {
  public let image: RGBImage

  /// The file that `inspect` writes.
  public static let fileName = "7-overlay.png"

  /// - Parameter regions: of a picture of this size
  /// - Throws: `DrawingError` where no font is to be had.
  /// - Precondition: the sizes agree.
  public init(_ picture: RGBImage, _ regions: Regions) throws {
    precondition(picture.width == regions.width && picture.height == regions.height)
    let (width, height) = (picture.width, picture.height)
    var canvas = Canvas(width: width, height: height, background: .black)
    canvas.write { pixels in
      for index in pixels.indices { pixels[index] = picture.pixels[index] }
      for (index, region) in regions.regions.enumerated() {
        guard let mask = region.mask else { continue }
        Self.tint(&pixels, mask.pixels, Self.colour(index))
      }
    }
    let line = max(2, max(width, height) / 300)
    for (index, region) in regions.regions.enumerated() {
      Self.frame(&canvas, region.box, Self.colour(index), line: line)
    }
    let size = max(11, max(width, height) / 45)
    for (index, region) in regions.regions.enumerated() {
      let text = try TextRenderer.shared.mask("\(region.number) \(region.phrase)", size: size, weight: .bold)
      let x = min(max(Int(region.box.x0), 0), max(0, width - text.width - size))
      let above = Int(region.box.y0) - text.height - size / 2
      let y = min(
        max(above < 0 ? Int(region.box.y0) + line : above, 0), max(0, height - text.height - size / 2))
      canvas.fill(
        PixelBox(x0: x, y0: y, x1: x + text.width + size, y1: y + text.height + size / 2), Self.colour(index))
      canvas.draw(text, x: x + size / 2, y: y + size / 4, .black)
    }
    image = canvas.image
  }

  /// Writes the overlay as PNG.
  public func write(to url: URL) throws { try image.writePNG(to: url) }

  /// The colour of a region, by its place in the answer: light, and far from its neighbours'.
  public static func colour(_ index: Int) -> Colour {
    Colour(lightness: 0.82, chroma: 0.16, hue: 0.15 + Double(index % 1024) * 0.6180339887)
  }

  private static func tint(
    _ pixels: inout UnsafeMutableBufferPointer<UInt8>, _ mask: [Bool], _ colour: Colour
  ) {
    for index in mask.indices where mask[index] {
      pixels[index * 3] = UInt8((Int(pixels[index * 3]) + Int(colour.red)) / 2)
      pixels[index * 3 + 1] = UInt8((Int(pixels[index * 3 + 1]) + Int(colour.green)) / 2)
      pixels[index * 3 + 2] = UInt8((Int(pixels[index * 3 + 2]) + Int(colour.blue)) / 2)
    }
  }

  private static func frame(_ canvas: inout Canvas, _ box: PictureBox, _ colour: Colour, line: Int) {
    let (x0, y0) = (Int(box.x0.rounded(.down)), Int(box.y0.rounded(.down)))
    let (x1, y1) = (Int(box.x1.rounded(.up)), Int(box.y1.rounded(.up)))
    for side in [
      PixelBox(x0: x0, y0: y0, x1: x1, y1: y0 + line), PixelBox(x0: x0, y0: y1 - line, x1: x1, y1: y1),
      PixelBox(x0: x0, y0: y0, x1: x0 + line, y1: y1), PixelBox(x0: x1 - line, y0: y0, x1: x1, y1: y1),
    ] { canvas.fill(side, colour) }
  }
}
