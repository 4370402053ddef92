import CrayonCore
import Drawing

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
