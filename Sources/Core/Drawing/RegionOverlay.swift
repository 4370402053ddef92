public import CrayonCore
public import Foundation

/// A picture with the regions of an answer drawn over it: masks as tints, boxes as frames, each with its number and
/// its words.
public struct RegionOverlay: Sendable {
  /// The picture with the regions over it.
  public let image: RGBImage

  /// The file that `inspect` writes.
  public static let fileName = "7-overlay.png"

  /// - Parameters:
  ///   - picture: what the regions are drawn over
  ///   - regions: of a picture of this size
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
        Self.tint(&pixels, mask, Self.colour(index))
      }
    }
    let line = max(2, max(width, height) / 300)
    for (index, region) in regions.regions.enumerated() {
      Self.frame(&canvas, region.box, Self.colour(index), line: line)
    }
    let size = max(11, max(width, height) / 45)
    var layout = LabelLayout(width: width, height: height)
    for (index, region) in regions.regions.enumerated() {
      let text = try TextRenderer.shared.mask("\(region.number) \(region.phrase)", size: size, weight: .bold)
      let label = layout.place(width: text.width + size, height: text.height + size / 2, beside: region.box)
      canvas.fill(label, Self.colour(index))
      canvas.draw(text, x: label.x0 + size / 2, y: label.y0 + size / 4, .black)
    }
    image = canvas.image
  }

  /// Writes the overlay as PNG.
  public func write(to url: URL) throws { try image.writePNG(to: url) }

  /// The colour of a region, by its place in the answer: light, and far from its neighbours'.
  public static func colour(_ index: Int) -> Colour {
    Colour(lightness: 0.82, chroma: 0.16, hue: 0.15 + Double(index % 1024) * 0.6180339887)
  }

  /// Half of the colour within a mask, and all of it along its edge.
  private static func tint(
    _ pixels: inout UnsafeMutableBufferPointer<UInt8>, _ mask: RunLengthMask, _ colour: Colour
  ) {
    let (width, height, inside) = (mask.width, mask.height, mask.pixels)
    let channels = [colour.red, colour.green, colour.blue]
    for y in 0..<height {
      for x in 0..<width where inside[y * width + x] {
        let index = y * width + x
        let isEdge =
          x == 0 || y == 0 || x == width - 1 || y == height - 1 || !inside[index - 1] || !inside[index + 1]
          || !inside[index - width] || !inside[index + width]
        for channel in 0..<3 {
          let own = Int(pixels[index * 3 + channel])
          pixels[index * 3 + channel] = isEdge ? channels[channel] : UInt8((own + Int(channels[channel])) / 2)
        }
      }
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

/// Finds places for labels beside boxes: none lies over another as long as there is room, and none beyond the picture.
struct LabelLayout {
  /// Of the picture, in pixels.
  let width: Int
  let height: Int
  private var taken: [PixelBox] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Above the box where that is free, else within it, below it, or as near below its upper edge as there is room.
  mutating func place(width labelWidth: Int, height labelHeight: Int, beside box: PictureBox) -> PixelBox {
    let (left, right) = (Int(box.x0), Int(box.x1) - labelWidth)
    let (top, bottom) = (Int(box.y0), Int(box.y1))
    var candidates = [left, right].flatMap { x in
      [top - labelHeight, top, bottom, bottom - labelHeight].map { label(x, $0, labelWidth, labelHeight) }
    }
    candidates += stride(from: top, to: height, by: max(labelHeight, 1)).map {
      label(left, $0, labelWidth, labelHeight)
    }
    // What does not fit above the picture's edge goes within the box instead of over its upper edge.
    if top < labelHeight { candidates.removeFirst() }
    let place = candidates.first { candidate in !taken.contains { $0.overlaps(candidate) } } ?? candidates[0]
    taken.append(place)
    return place
  }

  private func label(_ x: Int, _ y: Int, _ labelWidth: Int, _ labelHeight: Int) -> PixelBox {
    let x0 = min(max(x, 0), max(0, width - labelWidth))
    let y0 = min(max(y, 0), max(0, height - labelHeight))
    return PixelBox(x0: x0, y0: y0, x1: x0 + labelWidth, y1: y0 + labelHeight)
  }
}

extension PixelBox {
  fileprivate func overlaps(_ other: PixelBox) -> Bool {
    x0 < other.x1 && other.x0 < x1 && y0 < other.y1 && other.y0 < y1
  }
}
