public import CrayonCore
public import Drawing
public import Foundation

/// A picture with its map painted over it: tinted segments with outlines and name tags, what is void dimmed,
/// and below the picture a legend of class, number and id.
///
/// Everything scales with the picture, and a very small one is enlarged first, so that names stay legible
/// from 64 pixels to 8000.
public struct PanopticOverlay: Sendable {
  public let image: RGBImage

  /// - Parameter map: of the picture's size
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
