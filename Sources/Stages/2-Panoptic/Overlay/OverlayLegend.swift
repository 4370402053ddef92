import CrayonCore
import Drawing

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
