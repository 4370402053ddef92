import CrayonCore
import CrayonPrompting
import TestSupport
import Testing

/// Which segment a cell of the token grid belongs to.
@Suite struct SegmentGridTests {
  static func cells(_ rows: [String], _ ids: [Character: Int32], rows height: Int, columns width: Int) throws
    -> [Int32]
  {
    let map = try drawnMap(rows, ids.mapValues { (id: $0, category: "cup") })
    return SegmentGrid(map, size: GridSize(rows: height, columns: width)).ids
  }

  @Test func theLargestPartWins() throws {
    #expect(
      try Self.cells(["aaab", "aabb", "cbbb", "ccbb"], ["a": 7, "b": 3, "c": 9], rows: 2, columns: 2)
        == [7, 3, 9, 3])
  }

  /// What a cell is made of counts, not how it lies.
  @Test func partsOfASegmentAddUp() throws {
    #expect(try Self.cells(["aba", "bab", "aba"], ["a": 2, "b": 1], rows: 1, columns: 1) == [2])
  }

  @Test func ofEqualsTheSmallerIdWins() throws {
    #expect(try Self.cells(["ab", "ba"], ["a": 9, "b": 4], rows: 1, columns: 1) == [4])
    #expect(try Self.cells(["ab", "ba"], ["a": 4, "b": 9], rows: 1, columns: 1) == [4])
  }

  @Test func voidIsElectedLikeASegmentAndBeforeItsEquals() throws {
    #expect(try Self.cells(["a ", " a"], ["a": 1], rows: 1, columns: 1) == [PanopticMap.void])
    #expect(try Self.cells(["aa", " a"], ["a": 1], rows: 1, columns: 1) == [1])
    #expect(try Self.cells(["a b", "   "], ["a": 1, "b": 2], rows: 1, columns: 1) == [PanopticMap.void])
  }

  /// A pixel belongs to the cell in which its centre lies; one on the border goes to the right and down.
  @Test func pixelsOnTheBorderOfTwoCells() throws {
    // Three pixels in two cells: the middle one's centre is on the border.
    #expect(try Self.cells(["abb"], ["a": 1, "b": 2], rows: 1, columns: 2) == [1, 2])
    // Five in three: the centres are at 0.3, 0.9, 1.5, 2.1 and 2.7 cells.
    #expect(
      try Self.cells(["abcde"], ["a": 5, "b": 4, "c": 3, "d": 2, "e": 1], rows: 1, columns: 3) == [4, 3, 1])
  }

  @Test func aPictureOfFewerPixelsThanCells() throws {
    #expect(try Self.cells(["ab"], ["a": 5, "b": 6], rows: 2, columns: 4) == [5, 5, 6, 6, 5, 5, 6, 6])
    #expect(try Self.cells(["a"], ["a": 5], rows: 3, columns: 5) == Array(repeating: 5, count: 15))
    // Two pixels for three cells: the middle cell has no centre of its own pixel, and takes the one at its centre.
    #expect(try Self.cells(["ab"], ["a": 5, "b": 6], rows: 1, columns: 3) == [5, 6, 6])
  }

  /// A map on the grid, enlarged by any whole factors, gives the grid back.
  @Test(arguments: [(1, 1), (2, 3), (7, 1), (13, 14)])
  func aMapMadeOfTheGridGivesItBack(tall: Int, wide: Int) throws {
    var numbers = SeededNumbers(seed: 4)
    let (rows, columns) = (6, 5)
    let grid = (0..<rows * columns).map { _ in Int32.random(in: 0...4, using: &numbers) }
    let pixels = (0..<rows * tall * columns * wide).map { pixel in
      grid[pixel / (columns * wide) / tall * columns + pixel % (columns * wide) / wide]
    }
    let cup = try #require(CategoryTable.coco.category(named: "cup"))
    let labels = Set(grid).subtracting([0]).map { ($0, PanopticMap.Label(category: cup)) }
    let map = try PanopticMap(
      width: columns * wide, height: rows * tall, ids: pixels, labels: Dictionary(uniqueKeysWithValues: labels))
    #expect(SegmentGrid(map, size: GridSize(rows: rows, columns: columns)).ids == grid)
  }

  /// Cells of five pixels: what is too small to win one takes one, of those with most of its pixels the first that can
  /// be spared.
  @Test(arguments: [
    ("aaaas" + "aaaaa", [1, 3]), ("aaaas" + "aaass", [3, 1]), ("    s" + "aaaaa", [1, 3]),
    ("bbbss" + "aaaas" + "aaaaa", [2, 1, 3]), ("bbbss" + "aaaaa", [2, 3]),
    // Two that want the same: the smaller id has it.
    ("aaast" + "aaaaa" + "aaaaa", [1, 3, 3]), ("aaast" + "aaaat" + "aaaaa", [1, 4, 3]),
  ])
  func onDemandEverySegmentHasACell(row: String, expected: [Int32]) throws {
    let ids = ["s": 1, "b": 2, "a": 3, "t": 4] as [Character: Int32]
    let map = try drawnMap([row], ids.filter { row.contains($0.key) }.mapValues { (id: $0, category: "cup") })
    let size = GridSize(rows: 1, columns: row.count / 5)
    #expect(SegmentGrid(map, size: size, aCellForEverySegment: true).ids == expected)
    #expect(Set(SegmentGrid(map, size: size).ids).isDisjoint(with: [1, 4]))
  }

  @Test func boxesAroundTheCellsOfASegment() throws {
    let map = try drawnMap(["a  b", "  a ", "    "], ["a": (id: 1, "cup"), "b": (id: 2, "cup")])
    #expect(
      SegmentGrid(map, size: GridSize(rows: 3, columns: 4)).boxes
        == [1: PixelBox(x0: 0, y0: 0, x1: 3, y1: 2), 2: PixelBox(x0: 3, y0: 0, x1: 4, y1: 1)])
  }
}
