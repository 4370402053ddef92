import CrayonCore
import Pipeline
import Testing

/// A region of an answer is the map's segment that its words and its box mean.
@Suite struct SegmentMatchingTests {
  /// Two cups, left and right, on a table: 40×20 pixels.
  static func map() throws -> PanopticMap {
    var ids = [Int32](repeating: 3, count: 800)
    for y in 5..<15 {
      for x in 4..<10 { ids[y * 40 + x] = 1 }
      for x in 28..<36 { ids[y * 40 + x] = 2 }
    }
    func label(_ name: String) throws -> PanopticMap.Label {
      PanopticMap.Label(category: try #require(CategoryTable.coco.category(named: name)), score: 0.75)
    }
    return try PanopticMap(
      width: 40, height: 20, ids: ids,
      labels: [1: try label("cup"), 2: try label("cup"), 3: try label("table-merged")])
  }

  static func match(_ regions: [Region]) throws -> [Region] {
    SegmentMatching(try map(), vocabulary: .coco).run(Regions(width: 40, height: 20, regions: regions)).regions
  }

  static func box(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> PictureBox {
    PictureBox(x0: x0, y0: y0, x1: x1, y1: y1)
  }

  @Test func theNearestSegmentOfThePhraseIsMeant() throws {
    let found = try Self.match([Region(box: Self.box(22, 2, 33, 20), phrase: "The red cup", trigger: 0)])
    #expect(found.map(\.segment) == [2])
    #expect(found.map(\.box) == [Self.box(28, 5, 36, 15)])
    #expect(found[0].score == 0.75)
    let mask = try #require(found[0].mask)
    let ids = try Self.map().ids
    #expect(zip(mask.pixels, ids).allSatisfy { $0 == ($1 == 2) })
  }

  @Test func eachSegmentIsMeantOnce() throws {
    // Both are nearest to the left cup; the first has it, as it would if nothing came after it.
    let first = Region(box: Self.box(8, 5, 16, 15), phrase: "cups", trigger: 0)
    let second = Region(box: Self.box(5, 5, 10, 15), phrase: "cups", trigger: 1)
    #expect(try Self.match([first, second]).map(\.segment) == [1, 2])
    #expect(try Self.match([first]).map(\.segment) == [1])
  }

  /// Though the box is the other cup's.
  @Test(
    arguments: [
      ("Cup number 1", 1), ("cup number 2", 2), ("The leftmost cup", 1), ("the rightmost cup", 2),
    ] as [(String, Int32)])
  func wordsPickOneOfAKind(phrase: String, segment: Int32) throws {
    let other = segment == 1 ? Self.box(28, 5, 36, 15) : Self.box(4, 5, 10, 15)
    #expect(try Self.match([Region(box: other, phrase: phrase, trigger: 0)]).map(\.segment) == [segment])
  }

  /// What decided is said: the words where they leave one, else the box.
  @Test func whatDecidedIsSaid() throws {
    let box = Self.box(22, 2, 33, 20)
    let regions = Regions(
      width: 40, height: 20,
      regions: ["cups", "cups", "cup number 3"].enumerated().map { Region(box: box, phrase: $1, trigger: $0) })
    let found = SegmentMatching(try Self.map(), vocabulary: .coco).run(regions).regions
    #expect(found.map(\.segment) == [2, 1, nil])
    #expect(found.map(\.via) == [.box, .words, .heads])
    let byWords = SegmentMatching(try Self.map(), vocabulary: .coco, usesBoxes: false).run(regions).regions
    #expect(byWords.map(\.segment) == [1, 2, nil])
    #expect(byWords.map(\.via) == [.words, .words, .heads])
  }

  @Test(arguments: ["cup number 3", "cup number 0"])
  func aNumberThatNoneHasMeansNone(phrase: String) throws {
    let region = Region(box: Self.box(27, 5, 36, 15), phrase: phrase, trigger: 0)
    #expect(try Self.match([region]) == [region])
  }

  @Test func otherThingsAreNotMeant() throws {
    let bowl = Region(box: Self.box(4, 5, 10, 15), phrase: "The bowl", trigger: 0)
    let unknown = Region(box: Self.box(4, 5, 10, 15), phrase: "", trigger: 1, segment: nil)
    #expect(try Self.match([bowl, unknown]) == [bowl, unknown])
  }

  @Test func whatIsLeftOverKeepsItsBox() throws {
    let third = Region(box: Self.box(14, 0, 20, 4), phrase: "cups", trigger: 2)
    let found = try Self.match([
      Region(box: Self.box(4, 5, 10, 15), phrase: "cups", trigger: 0),
      Region(box: Self.box(28, 5, 36, 15), phrase: "cups", trigger: 1), third,
    ])
    #expect(found.map(\.segment) == [1, 2, nil])
    #expect(found[2] == third)
  }

  @Test func notesOfMasksGoWithTheMasks() throws {
    let regions = Regions(
      width: 40, height: 20,
      regions: [Region(box: Self.box(4, 5, 10, 15), phrase: "the cup", trigger: 0)],
      notes: [
        Regions.Note(trigger: 0, kind: .maskEmpty, phrase: "the cup"),
        Regions.Note(trigger: 1, kind: .boxWithoutArea, phrase: "the bowl"),
      ])
    let found = SegmentMatching(try Self.map(), vocabulary: .coco).run(regions)
    #expect(found.notes == [regions.notes[1]])
  }
}
