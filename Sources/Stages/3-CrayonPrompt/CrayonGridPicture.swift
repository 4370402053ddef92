public import CrayonCore
public import Drawing
public import Foundation

/// The two grids of a crayon prompt as pictures that a person can read: cells with their index written in
/// them, and below the semantic grid what each index means.
public struct CrayonGridPicture: Sendable {
  public let semantic: RGBImage
  public let numbering: RGBImage

  /// The files that `inspect` writes.
  public static let fileNames = ["3-semantic.png", "3-numbering.png"]

  private static let background = Colour(24, 24, 28)
  private static let empty = Colour(52, 52, 58)

  /// - Parameter colours: of the segments, by id, as the overlay has them
  /// - Throws: `DrawingError` where no font is to be had.
  public init(_ prompt: CrayonPrompt, colours: [Int32: Colour]) throws {
    let cell = prompt.grid.columns <= 20 ? 36 : 24
    // A class has the colour of its first segment.
    var classColours: [Int: Colour] = [:]
    for object in prompt.objects where classColours[object.semantic] == nil {
      classColours[object.semantic] = colours[object.id]
    }
    let names = Self.names(of: prompt)
    let grid = Grid(prompt: prompt, cell: cell)
    semantic = try grid.picture(
      values: prompt.semantic,
      colours: prompt.semantic.map { $0 == 0 ? nil : classColours[$0] },
      legend: names.map { ("\($0.index) \($0.name)", classColours[$0.index] ?? Self.empty) })
    numbering = try grid.picture(
      values: prompt.numbering, colours: zip(prompt.ids, prompt.numbering).map { $1 == 0 ? nil : colours[$0] },
      legend: [])
  }

  /// Writes both pictures into an existing folder.
  public func write(to folder: URL) throws {
    try semantic.writePNG(to: folder.appendingPathComponent(Self.fileNames[0]))
    try numbering.writePNG(to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  private static func names(of prompt: CrayonPrompt) -> [(index: Int, name: String)] {
    let shown = Set(prompt.semantic).subtracting([0])
    let names = Dictionary(
      prompt.objects.map { ($0.semantic, $0.category) }, uniquingKeysWith: { first, _ in first })
    return names.filter { shown.contains($0.key) }.sorted { $0.key < $1.key }
      .map { (index: $0.key, name: $0.value) }
  }

  private struct Grid {
    let prompt: CrayonPrompt
    let cell: Int

    func picture(
      values: [Int], colours: [Colour?], legend: [(text: String, colour: Colour)]
    ) throws -> RGBImage {
      let (columns, rows) = (prompt.grid.columns, prompt.grid.rows)
      let size = cell / 2
      let labels = try legend.map { try TextRenderer.shared.mask($0.text, size: 15) }
      let labelWidth = (labels.map { $0.width }.max() ?? 0) + 44
      let width = max(columns * cell, labelWidth)
      let perRow = max(1, width / max(labelWidth, 1))
      let legendRows = (labels.count + perRow - 1) / perRow
      let legendHeight = legendRows == 0 ? 0 : legendRows * 24 + 16
      var canvas = Canvas(width: width, height: rows * cell + legendHeight, background: background)
      for (index, value) in values.enumerated() {
        let (x, y) = (index % columns * cell, index / columns * cell)
        let box = PixelBox(x0: x, y0: y, x1: x + cell - 1, y1: y + cell - 1)
        let colour = colours[index] ?? empty
        canvas.fill(box, colour)
        guard value > 0 else { continue }
        let text = try TextRenderer.shared.mask(String(value), size: min(size, 15), weight: .bold)
        canvas.draw(
          text, x: x + (cell - text.width) / 2, y: y + (cell - text.height) / 2,
          colour.isLight ? .black : .white)
      }
      for (index, label) in labels.enumerated() {
        let x = index % perRow * labelWidth + 10
        let y = rows * cell + 8 + index / perRow * 24
        canvas.fill(PixelBox(x0: x, y0: y + 3, x1: x + 18, y1: y + 21), legend[index].colour)
        canvas.draw(label, x: x + 26, y: y + 12 - label.height / 2, .white)
      }
      return canvas.image
    }
  }
}

extension Colour {
  /// Whether black is read better on it than white.
  fileprivate var isLight: Bool { 3 * Int(red) + 6 * Int(green) + Int(blue) > 1300 }
}
