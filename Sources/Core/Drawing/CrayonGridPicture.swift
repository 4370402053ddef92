public import CrayonCore
public import Foundation

/// The two grids of a crayon prompt as pictures that a person can read: cells with their index written in
/// them, and below what each index means. "?" is written where a segment has no index of its own: its class is
/// not the model's, or it is the 21st of its kind or a later one.
public struct CrayonGridPicture: Sendable {
  /// Each cell in the colour of its category.
  public let semantic: RGBImage
  /// Each cell with its number.
  public let numbering: RGBImage

  /// The files that `inspect` writes.
  public static let fileNames = ["3-semantic.png", "3-numbering.png"]

  private static let empty = Colour(52, 52, 58)

  /// - Parameters:
  ///   - prompt: whose cells are drawn, by category and by number
  ///   - colours: of the segments, by id, as the overlay has them
  /// - Throws: `DrawingError` where no font is to be had.
  public init(_ prompt: CrayonPrompt, colours: [Int32: Colour]) throws {
    // A class has the colour of its first segment.
    var classColours: [String: Colour] = [:]
    for object in prompt.objects where classColours[object.category] == nil {
      classColours[object.category] = colours[object.id]
    }
    let objects = Dictionary(prompt.objects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let classes = prompt.ids.map { objects[$0]?.category }
    semantic = try CellDrawing(
      columns: prompt.grid.columns,
      cells: zip(prompt.semantic, classes).map { index, category in
        CellDrawing.Cell(
          text: Self.text(index, isEmpty: category == nil),
          colour: category.map { classColours[$0] ?? Self.empty } ?? Self.empty)
      },
      legend: Self.classes(of: prompt).map { index, category in
        (text: "\(Self.text(index, isEmpty: false)) \(category)", colour: classColours[category] ?? Self.empty)
      }
    ).picture()
    numbering = try CellDrawing(
      columns: prompt.grid.columns,
      cells: zip(prompt.numbering, prompt.ids).map { index, id in
        CellDrawing.Cell(
          text: Self.text(index, isEmpty: objects[id] == nil),
          colour: objects[id] == nil ? Self.empty : colours[id] ?? Self.empty)
      },
      legend: prompt.objects.sorted { ($0.category, $0.number) < ($1.category, $1.number) }.map { object in
        (text: "#\(object.number) \(object.name)", colour: colours[object.id] ?? Self.empty)
      }
    ).picture()
  }

  /// Writes both pictures into an existing folder.
  public func write(to folder: URL) throws {
    try semantic.writePNG(to: folder.appendingPathComponent(Self.fileNames[0]))
    try numbering.writePNG(to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  private static func text(_ index: Int, isEmpty: Bool) -> String {
    isEmpty ? "" : index == 0 ? "?" : String(index)
  }

  /// The classes of the map in the order of their indices; those without one at the end.
  private static func classes(of prompt: CrayonPrompt) -> [(index: Int, category: String)] {
    Dictionary(prompt.objects.map { ($0.category, $0.semantic) }, uniquingKeysWith: { first, _ in first })
      .map { (index: $0.value, category: $0.key) }
      .sorted { a, b in
        (a.index == 0 ? .max : a.index, a.category) < (b.index == 0 ? .max : b.index, b.category)
      }
  }
}

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
