import CrayonCore
import CrayonPrompting
import Drawing
import Foundation
import TestSupport
import Testing

/// The grids as pictures that a person can read.
@Suite struct CrayonGridPictureTests {
  static let blue = Colour(40, 60, 200)
  static let green = Colour(120, 220, 90)
  static let red = Colour(230, 60, 60)
  static let empty = Colour(52, 52, 58)

  static func colour(_ image: RGBImage, _ x: Int, _ y: Int) -> Colour {
    let at = (y * image.width + x) * 3
    return Colour(image.pixels[at], image.pixels[at + 1], image.pixels[at + 2])
  }

  static func prompt(_ rows: [String], edge: Int? = nil) throws -> CrayonPrompt {
    let map = try drawnMap(
      rows, ["a": (id: 1, "cup"), "b": (id: 2, "cup"), "w": (id: 3, "wombat")])
    return CrayonPrompter(grid: GridSize(rows: edge ?? rows.count, columns: edge ?? rows[0].count)).run(map)
  }

  static let colours: [Int32: Colour] = [1: blue, 2: green, 3: red]

  /// Two cups, a thing that the model has no word for, and nothing, in cells of 36 pixels.
  @Test func cellsHaveTheColourOfTheirClassAndOfTheirSegment() throws {
    let picture = try CrayonGridPicture(Self.prompt(["aabb", "ww  "]), colours: Self.colours)
    func corners(_ image: RGBImage) -> [Colour] {
      [(4, 4), (76, 4), (4, 40), (76, 40)].map { Self.colour(image, $0.0, $0.1) }
    }
    #expect(corners(picture.semantic) == [Self.blue, Self.blue, Self.red, Self.empty])
    #expect(corners(picture.numbering) == [Self.blue, Self.green, Self.red, Self.empty])
    #expect(picture.semantic.width >= 4 * 36 && picture.semantic.height > 2 * 36)
  }

  /// Whether anything is written in a cell of 36 pixels.
  static func isWritten(_ image: RGBImage, row: Int, column: Int) -> Bool {
    let background = colour(image, column * 36 + 4, row * 36 + 4)
    return (6..<30).contains { y in
      (6..<30).contains { x in colour(image, column * 36 + x, row * 36 + y) != background }
    }
  }

  @Test func indicesAreWrittenAndUnknownIsToo() throws {
    let picture = try CrayonGridPicture(Self.prompt(["aabb", "ww  "]), colours: Self.colours)
    for image in [picture.semantic, picture.numbering] {
      #expect(Self.isWritten(image, row: 0, column: 0) && Self.isWritten(image, row: 1, column: 1))
      #expect(!Self.isWritten(image, row: 1, column: 3))
    }
  }

  /// Three digits in each of 35 columns: a text keeps clear of the next one.
  @Test func numbersDoNotRunIntoEachOther() throws {
    let table = try drawnMap(["t"], ["t": (id: 1, "table-merged")])
    let prompt = CrayonPrompter(grid: GridSize(rows: 35, columns: 35)).run(table)
    let image = try CrayonGridPicture(prompt, colours: [1: Self.green]).semantic
    #expect(image.width == 35 * 28)
    for x in [28 + 1, 28 + 27] {
      #expect((2..<26).allSatisfy { Self.colour(image, x, $0) == Self.green })
    }
    #expect((0..<28).contains { Self.colour(image, 28 + $0, 14) != Self.green })
  }

  @Test func whereNothingIsThereIsNoLegend() throws {
    let map = try PanopticMap(width: 2, height: 2, ids: [0, 0, 0, 0], labels: [:])
    let prompt = CrayonPrompter(grid: GridSize(rows: 3, columns: 5)).run(map)
    let picture = try CrayonGridPicture(prompt, colours: [:])
    #expect(picture.semantic == picture.numbering)
    #expect(picture.semantic.width == 5 * 36 && picture.semantic.height == 3 * 36)
  }

  @Test func theFilesHaveTheirNames() throws {
    let folder = try TemporaryFolder()
    try CrayonGridPicture(Self.prompt(["abw"]), colours: Self.colours).write(to: folder.url)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names.sorted() == ["3-numbering.png", "3-semantic.png"])
  }
}
