import CrayonCore
import Drawing

/// A grid of coloured cells with a few characters in each, and a legend below.
struct CellDrawing {
  struct Cell {
    var text: String
    var colour: Colour
  }

  let columns: Int
  /// Row-major.
  let cells: [Cell]
  let legend: [(text: String, colour: Colour)]

  private static let background = Colour(24, 24, 28)
  private static let legendLine = 24
  private static let swatch = 18
  private static let margin = 10

  /// - Throws: `DrawingError`
  func picture() throws -> RGBImage {
    let edge = columns <= 20 ? 36 : 28
    let rows = cells.count / max(columns, 1)
    let labels = try legend.map { try TextRenderer.shared.mask($0.text, size: 15) }
    let labelWidth = (labels.map { $0.width }.max() ?? 0) + Self.swatch + 3 * Self.margin
    let width = max(columns * edge, legend.isEmpty ? 0 : labelWidth)
    let perLine = max(1, width / labelWidth)
    let lines = (labels.count + perLine - 1) / perLine
    let height = rows * edge + (lines == 0 ? 0 : lines * Self.legendLine + 2 * Self.margin)
    var canvas = Canvas(width: width, height: height, background: Self.background)
    try drawCells(on: &canvas, edge: edge)
    for (index, label) in labels.enumerated() {
      let x = index % perLine * labelWidth + Self.margin
      let y = rows * edge + Self.margin + index / perLine * Self.legendLine
      canvas.fill(
        PixelBox(x0: x, y0: y + 3, x1: x + Self.swatch, y1: y + 3 + Self.swatch), legend[index].colour)
      canvas.draw(label, x: x + Self.swatch + 8, y: y + Self.legendLine / 2 - label.height / 2, .white)
    }
    return canvas.image
  }

  private func drawCells(on canvas: inout Canvas, edge: Int) throws {
    let size = try textSize(edge: edge)
    for (index, cell) in cells.enumerated() {
      let (x, y) = (index % columns * edge, index / columns * edge)
      canvas.fill(PixelBox(x0: x, y0: y, x1: x + edge, y1: y + edge), cell.colour)
      guard !cell.text.isEmpty else { continue }
      let text = try TextRenderer.shared.mask(cell.text, size: size, weight: .bold)
      canvas.draw(
        text, x: x + (edge - text.width) / 2, y: y + (edge - text.height) / 2,
        cell.colour.isLight ? .black : .white)
    }
    // Clear lines where neighbours differ, faint ones where they are alike.
    for (index, cell) in cells.enumerated() {
      let (x, y) = (index % columns * edge, index / columns * edge)
      if index % columns > 0 {
        let isBorder = cells[index - 1] != cell
        canvas.fill(
          PixelBox(x0: x - (isBorder ? 1 : 0), y0: y, x1: x + 1, y1: y + edge), Self.background,
          opacity: isBorder ? 256 : 40)
      }
      if index >= columns {
        let isBorder = cells[index - columns] != cell
        canvas.fill(
          PixelBox(x0: x, y0: y - (isBorder ? 1 : 0), x1: x + edge, y1: y + 1), Self.background,
          opacity: isBorder ? 256 : 40)
      }
    }
  }

  /// One size for all, so that the longest text keeps clear of its neighbours.
  private func textSize(edge: Int) throws -> Int {
    let longest = cells.map { $0.text }.max { $0.count < $1.count } ?? ""
    guard !longest.isEmpty else { return 15 }
    for size in (8...15).reversed() {
      if try TextRenderer.shared.mask(longest, size: size, weight: .bold).width <= edge - 5 { return size }
    }
    return 8
  }
}

extension CellDrawing.Cell: Equatable {}

extension Colour {
  /// Whether black is read better on it than white.
  fileprivate var isLight: Bool { 3 * Int(red) + 6 * Int(green) + Int(blue) > 1300 }
}
