import CrayonCore
import CrayonPrompting
import TestSupport
import Testing

/// What the language model is shown and told of a map.
@Suite struct CrayonPrompterTests {
  static let grid = GridSize(rows: 2, columns: 4)

  static func scene() throws -> PanopticMap {
    try drawnMap(
      ["aabb", "ccdd"],
      ["a": (id: 30, "cup"), "b": (id: 20, "cup"), "c": (id: 10, "table-merged"), "d": (id: 40, "apple")])
  }

  /// A row of one-pixel segments, in which a later one has a smaller id.
  static func row(_ names: [String]) throws -> PanopticMap {
    let categories = names.enumerated().map { index, name in
      CategoryTable.coco.category(named: name) ?? Category(id: 1000 + index, name: name, isThing: true)
    }
    let ids = names.indices.map { Int32(names.count - $0) }
    return try PanopticMap(
      width: names.count, height: 1, ids: ids,
      labels: Dictionary(
        uniqueKeysWithValues: zip(ids, categories).map { ($0, PanopticMap.Label(category: $1)) }))
  }

  @Test func indicesCountFromOneAndNumbersFollowTheIds() throws {
    let prompt = CrayonPrompter(grid: Self.grid).run(try Self.scene())
    // The cup is COCO's 42nd category, table-merged the 122nd, the apple the 48th.
    #expect(prompt.semantic == [42, 42, 42, 42, 122, 122, 48, 48])
    #expect(prompt.numbering == [2, 2, 1, 1, 1, 1, 1, 1])
    #expect(prompt.ids == [30, 30, 20, 20, 10, 10, 40, 40])
    #expect(prompt.objects.map { $0.id } == [10, 20, 30, 40])
    #expect(prompt.objects.map { $0.number } == [1, 1, 2, 1])
    #expect(prompt.objects.map { $0.name } == ["table", "cup", "cup", "apple"])
    #expect(prompt.objects.map { $0.category } == ["table-merged", "cup", "cup", "apple"])
    #expect(prompt.unmatched.isEmpty)
  }

  @Test(arguments: [
    (
      ListingStyle.full,
      "The image includes (#1 table) [0.00, 0.50, 0.50, 1.00], (#1 cup) [0.50, 0.00, 1.00, 0.50], "
        + "(#2 cup) [0.00, 0.00, 0.50, 0.50], (#1 apple) [0.50, 0.50, 1.00, 1.00]."
    ), (.names, "The image includes (#1 table), (#1 cup), (#2 cup), (#1 apple)."), (.none, ""),
  ])
  func theListing(style: ListingStyle, sentence: String) throws {
    #expect(CrayonPrompter(grid: Self.grid, listing: style).run(try Self.scene()).listing == sentence)
  }

  @Test func namesAreSpokenWithoutWhatTellsStuffApart() throws {
    let prompt = CrayonPrompter(grid: GridSize(rows: 1, columns: 5), listing: .names).run(
      try Self.row(["wall-other-merged", "mirror-stuff", "water-other", "floor-wood", "sky-other-merged"]))
    #expect(
      prompt.listing
        == "The image includes (#1 sky), (#1 floor-wood), (#1 water), (#1 mirror), (#1 wall).")
  }

  /// The numbering table ends at 20; the reference's code breaks there.
  @Test func fromTheTwentyFirstOfAKindOnTheNumberIsUnknown() throws {
    let prompt = CrayonPrompter(grid: GridSize(rows: 1, columns: 23), listing: .names).run(
      try Self.row(Array(repeating: "book", count: 23)))
    #expect(prompt.numbering == [0, 0, 0] + (1...20).reversed())
    #expect(Set(prompt.semantic) == [74])
    #expect(prompt.objects.map { $0.number } == Array(1...23))
    #expect(prompt.listing.hasSuffix("(#22 book), (#23 book)."))
  }

  @Test func aClassThatTheModelHasNoWordForIsUnknownAndSaid() throws {
    let prompt = CrayonPrompter(grid: GridSize(rows: 1, columns: 4), listing: .names).run(
      try Self.row(["wombat", "unicorn", "cup", "wombat"]))
    #expect(prompt.semantic == [0, 0, 42, 0])
    // Which one of its kind a segment is can be said all the same.
    #expect(prompt.numbering == [2, 1, 1, 1])
    #expect(prompt.unmatched == ["unicorn", "wombat"])
    #expect(prompt.listing == "The image includes (#1 wombat), (#1 cup), (#1 unicorn), (#2 wombat).")
  }

  /// A segmenter that knows eighty things only, under numbers of its own.
  @Test func otherVocabulariesMeetByName() throws {
    let things = try CategoryTable(
      CategoryTable.coco.categories.filter { $0.isThing }.enumerated().map { index, category in
        Category(id: 500 - index, name: category.name, isThing: true)
      })
    let (cup, person) = (
      try #require(things.category(named: "cup")), try #require(things.category(named: "person"))
    )
    let map = try PanopticMap(
      width: 2, height: 1, ids: [1, 2], labels: [1: .init(category: cup), 2: .init(category: person)])
    let prompt = CrayonPrompter(grid: GridSize(rows: 1, columns: 2)).run(map)
    #expect(prompt.semantic == [42, 1] && prompt.unmatched.isEmpty)
    // And a model whose table has other rows.
    let model = try CategoryTable([person, cup])
    let other = CrayonPrompter(grid: GridSize(rows: 1, columns: 2), vocabulary: model).run(map)
    #expect(other.semantic == [2, 1])
  }

  @Test(arguments: [
    (ListingStyle.full, "None of detailed object information for image."),
    (.names, "None of detailed object information for image."), (.none, ""),
  ])
  func aMapOfNothing(style: ListingStyle, sentence: String) throws {
    let map = try PanopticMap(
      width: 3, height: 2, ids: Array(repeating: PanopticMap.void, count: 6), labels: [:])
    let prompt = CrayonPrompter(grid: Self.grid, listing: style).run(map)
    #expect(prompt.semantic == Array(repeating: 0, count: 8) && prompt.numbering == prompt.semantic)
    #expect(prompt.objects.isEmpty && prompt.listing == sentence)
  }

  /// Four pixels of table and one of a spoon.
  @Test func aSegmentWithoutACellIsInTheMapButNotOnTheGrid() throws {
    let map = try drawnMap(["ttts", "tttt"], ["t": (id: 5, "dining table"), "s": (id: 3, "spoon")])
    let one = GridSize(rows: 1, columns: 1)
    let ofGrid = CrayonPrompter(grid: one).run(map)
    #expect(ofGrid.objects.map { $0.name } == ["dining table"])
    #expect(ofGrid.objects.map { $0.box } == [.whole])
    let ofMap = CrayonPrompter(grid: one, membership: .map).run(map)
    #expect(ofMap.objects.map { $0.name } == ["spoon", "dining table"])
    #expect(ofMap.objects.map { $0.box } == [FrameBox(x0: 0.75, y0: 0, x1: 1, y1: 0.5), .whole])
    #expect(ofMap.listing.hasPrefix("The image includes (#1 spoon) [0.75, 0.00, 1.00, 0.50], "))
    #expect(ofMap.semantic == ofGrid.semantic)
  }

  /// Half of a hundredth goes to the even neighbour, as in Python: 1/8 is 0.12 and 3/8 is 0.38.
  @Test func decimalsOfBoxes() throws {
    let prompt = CrayonPrompter(grid: GridSize(rows: 1, columns: 8)).run(
      try drawnMap([" aa     "], ["a": (id: 1, "cup")]))
    #expect(prompt.listing == "The image includes (#1 cup) [0.12, 0.00, 0.38, 1.00].")
  }
}
