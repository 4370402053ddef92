public import CrayonCore
public import Drawing
public import Foundation

/// The two grids of a crayon prompt as pictures that a person can read: cells with their index written in
/// them, and below what each index means. "?" is written where a segment has no index of its own: its class is
/// not the model's, or it is the 21st of its kind or a later one.
public struct CrayonGridPicture: Sendable {
  public let semantic: RGBImage
  public let numbering: RGBImage

  /// The files that `inspect` writes.
  public static let fileNames = ["3-semantic.png", "3-numbering.png"]

  private static let empty = Colour(52, 52, 58)

  /// - Parameter colours: of the segments, by id, as the overlay has them
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
