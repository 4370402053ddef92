public import CrayonCore
public import Foundation

/// A picture with its map painted over it: tinted segments with outlines and name tags, what is void dimmed,
/// and below the picture a legend of class, number and id.
///
/// Everything scales with the picture, and a very small one is enlarged first, so that names stay legible
/// from 64 pixels to 8000.
public struct PanopticOverlay: Sendable {
  /// The picture with its map painted over it, and the legend.
  public let image: RGBImage

  /// - Parameters:
  ///   - picture: what the map is painted over
  ///   - map: of the picture's size
  ///   - palette: gives each segment its colour
  /// - Throws: `DrawingError` where no font is to be had.
  /// - Precondition: the sizes agree.
  public init(_ picture: RGBImage, _ map: PanopticMap, palette: DisplayPalette = DisplayPalette()) throws {
    precondition(picture.width == map.width && picture.height == map.height)
    let style = OverlayStyle(width: map.width, height: map.height)
    let numbered = NumberedSegment.all(of: map, colours: palette.colours(of: map))
    let legend = try OverlayLegend(
      numbered, voidArea: map.voidArea, total: map.width * map.height,
      width: map.width * style.magnification, style: style)
    var canvas = Canvas(
      width: max(map.width * style.magnification, legend.width),
      height: map.height * style.magnification + legend.height, background: OverlayStyle.background)
    SegmentPainting(picture: picture, map: map, segments: numbered, style: style).paint(on: &canvas)
    try SegmentTags(map: map, segments: numbered, style: style).draw(on: &canvas)
    legend.draw(on: &canvas, y: map.height * style.magnification)
    image = canvas.image
  }

  /// The file that `inspect` writes.
  public static let fileName = "2-overlay.png"

  /// Writes the overlay as PNG.
  public func write(to url: URL) throws { try image.writePNG(to: url) }
}

/// Sizes and tones of an overlay, which follow from the picture's size.
struct OverlayStyle {
  /// How many pixels of the overlay one of the picture becomes, along each axis.
  let magnification: Int
  /// Of the legend and the tags, in pixels.
  let textSize: Int
  /// The width of outlines, in pixels of the picture.
  let outline: Int

  static let background = Colour(24, 26, 30)
  static let faint = Colour(150, 156, 166)
  /// Of the tint, out of 256.
  static let tint = 112
  /// What is left of void pixels' brightness, out of 256.
  static let voidBrightness = 140

  init(width: Int, height: Int) {
    let longest = max(width, height)
    magnification = max(1, 384 / longest)
    textSize = min(max(longest * magnification / 56, 12), 140)
    outline = max(1, longest / 640)
  }
}

/// A segment as it is shown: with its colour and its number among those of its class.
struct NumberedSegment {
  let segment: Segment
  /// From 1 on, in ascending order of id.
  let number: Int
  let colour: Colour

  /// "cup #2"; stuff has no number.
  var title: String {
    (segment.category.isThing ? "\(segment.category.name) #\(number)" : segment.category.name)
      + (segment.isCrowd ? " (crowd)" : "")
  }

  static func all(of map: PanopticMap, colours: [Int32: Colour]) -> [NumberedSegment] {
    var numbers: [Category: Int] = [:]
    return map.segments.map { segment in
      numbers[segment.category, default: 0] += 1
      return NumberedSegment(
        segment: segment, number: numbers[segment.category] ?? 1,
        colour: colours[segment.id] ?? .white)
    }
  }
}

/// Name tags in the middle of segments: the whole title where it fits, else the number, else nothing.
struct SegmentTags {
  let map: PanopticMap
  let segments: [NumberedSegment]
  let style: OverlayStyle

  func draw(on canvas: inout Canvas) throws {
    let centres = InnermostPoints(map).points
    for numbered in segments {
      guard let centre = centres[numbered.segment.id] else { continue }
      let titles =
        numbered.segment.category.isThing
        ? [numbered.title, "\(numbered.number)"] : [numbered.title]
      for title in titles {
        let text = try TextRenderer.shared.mask(title, size: style.textSize, weight: .bold)
        if place(text, at: centre, on: &canvas) { break }
      }
    }
  }

  /// - Returns: whether there was room.
  private func place(
    _ text: TextRenderer.Mask, at centre: InnermostPoints.Point, on canvas: inout Canvas
  ) -> Bool {
    let factor = style.magnification
    let margin = style.textSize / 4
    let (width, height) = (text.width + 2 * margin, text.height + 2 * margin)
    // The square around the centre is inside; a tag may stick out to the sides, but not far.
    let room = centre.distance * factor
    guard height <= 2 * room, width <= 4 * room else { return false }
    let left = min(max(centre.x * factor + factor / 2 - width / 2, 0), max(0, map.width * factor - width))
    let top = min(max(centre.y * factor + factor / 2 - height / 2, 0), max(0, map.height * factor - height))
    canvas.fill(
      PixelBox(x0: left, y0: top, x1: left + width, y1: top + height), OverlayStyle.background,
      opacity: 176)
    canvas.draw(text, x: left + margin, y: top + margin, .white)
    return true
  }
}

/// The list of segments below a picture: colour, class, number and id, in as many columns as fit.
struct OverlayLegend {
  let width: Int
  let height: Int
  private let rows: [Row]
  private let columnWidth: Int
  private let rowsInColumn: Int
  private let style: OverlayStyle

  private struct Row {
    var colour: Colour?
    var title: TextRenderer.Mask
    var id: TextRenderer.Mask?
  }

  private var rowHeight: Int { style.textSize * 3 / 2 }
  private var margin: Int { style.textSize * 2 / 3 }
  private var swatch: Int { style.textSize }

  /// - Parameters:
  ///   - total: pixels of the picture, for what part of it is void
  ///   - width: of the picture; the legend is wider where a row needs it
  /// - Throws: `DrawingError`
  init(
    _ segments: [NumberedSegment], voidArea: Int, total: Int, width: Int, style: OverlayStyle
  ) throws {
    self.style = style
    func mask(_ text: String) throws -> TextRenderer.Mask {
      try TextRenderer.shared.mask(text, size: style.textSize)
    }
    // Things first, class by class.
    let sorted = segments.sorted { a, b in
      (a.segment.category.isThing ? 0 : 1, a.segment.category.name, a.number)
        < (b.segment.category.isThing ? 0 : 1, b.segment.category.name, b.number)
    }
    var rows = try sorted.map { numbered in
      Row(
        colour: numbered.colour, title: try mask(numbered.title),
        id: try mask("id \(numbered.segment.id)"))
    }
    if voidArea > 0 {
      let percent = Double(voidArea) / Double(total) * 100
      let rounded = percent < 0.1 ? "less than 0.1" : String(Double(Int(percent * 10)) / 10)
      rows.append(Row(colour: nil, title: try mask("void, \(rounded) % of the picture"), id: nil))
    }
    self.rows = rows
    let (margin, swatch) = (style.textSize * 2 / 3, style.textSize)
    let widest = rows.map { $0.title.width + ($0.id.map { $0.width + margin } ?? 0) }.max() ?? 0
    columnWidth = margin + swatch + margin / 2 + widest + margin
    let columns = max(1, width / columnWidth)
    rowsInColumn = (rows.count + columns - 1) / columns
    self.width = max(width, columnWidth)
    height = rows.isEmpty ? 0 : rowsInColumn * (style.textSize * 3 / 2) + 2 * margin
  }

  /// Draws the legend with its upper edge at `y`.
  func draw(on canvas: inout Canvas, y: Int) {
    for (index, row) in rows.enumerated() {
      let left = index / rowsInColumn * columnWidth + margin
      let top = y + margin + index % rowsInColumn * rowHeight
      let middle = top + rowHeight / 2
      let box = PixelBox(
        x0: left, y0: middle - swatch / 2, x1: left + swatch, y1: middle - swatch / 2 + swatch)
      canvas.fill(box, row.colour ?? OverlayStyle.faint, opacity: row.colour == nil ? 96 : 256)
      var x = left + swatch + margin / 2
      canvas.draw(row.title, x: x, y: middle - row.title.height / 2, .white)
      guard let id = row.id else { continue }
      x += row.title.width + margin
      canvas.draw(id, x: x, y: middle - id.height / 2, OverlayStyle.faint)
    }
  }
}
