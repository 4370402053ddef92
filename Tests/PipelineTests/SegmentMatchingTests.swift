import CrayonCore
import Pipeline
import Testing

/// A region of an answer is the map's segment that the model points at, or for comparison the one that its words mean.
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
    SegmentMatching(try map(), vocabulary: .coco).byPointing(
      Regions(width: 40, height: 20, regions: regions)
    ).regions
  }

  static func byWords(_ regions: [Region]) throws -> [Region] {
    SegmentMatching(try map(), vocabulary: .coco).byWords(
      Regions(width: 40, height: 20, regions: regions)
    ).regions
  }

  static func box(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> PictureBox {
    PictureBox(x0: x0, y0: y0, x1: x1, y1: y1)
  }

  static let leftCup = box(4, 5, 10, 15)
  static let rightCup = box(28, 5, 36, 15)

  /// Whatever the words and the decoded box say.
  @Test func theSegmentThatIsPointedAtGivesItsBoxAndMask() throws {
    let found = try Self.match([
      Region(box: Self.leftCup, phrase: "The leftmost cup", trigger: 0, segment: 2),
      Region(box: Self.leftCup, phrase: "The red cups", trigger: 1, segment: 2),
      Region(box: Self.leftCup, phrase: "it", trigger: 2, segment: 2),
    ])
    #expect(found.map(\.segment) == [2, 2, 2])
    #expect(found.map(\.box) == [Self.rightCup, Self.rightCup, Self.rightCup])
    #expect(found.map(\.via) == [.heads, .heads, .heads])
    #expect(found.map(\.agrees) == [false, true, nil])
    #expect(found[0].score == 0.75)
    let mask = try #require(found[0].mask)
    let ids = try Self.map().ids
    #expect(zip(mask.pixels, ids).allSatisfy { $0 == ($1 == 2) })
  }

  /// Of heads that point at no segment.
  @Test func aBoxMeansTheSegmentThatItOverlapsMost() throws {
    let beside = Region(box: Self.box(12, 5, 20, 15), phrase: "The cup", trigger: 1)
    let found = try Self.match([Region(box: Self.box(5, 5, 10, 15), phrase: "The bowl", trigger: 0), beside])
    #expect(found.map(\.segment) == [1, nil])
    #expect(found.map(\.via) == [.box, .heads])
    #expect(found.map(\.agrees) == [false, nil])
    #expect(found[0].box == Self.leftCup && found[1] == beside)
  }

  @Test(
    arguments: [
      ("Cup number 1", 1), ("cup number 2", 2), ("The leftmost cup", 1), ("the rightmost cup", 2),
    ] as [(String, Int32)])
  func wordsPickOneOfAKind(phrase: String, segment: Int32) throws {
    let other: Int32 = 3 - segment
    let region = Region(box: Self.leftCup, phrase: phrase, trigger: 0, segment: other)
    let found = try Self.byWords([region])
    #expect(found.map(\.segment) == [segment] && found.map(\.via) == [.words])
    #expect(try Self.match([region]).map(\.agrees) == [false])
  }

  @Test func byWordsEachSegmentIsMeantOnce() throws {
    let regions = (0..<3).map { Region(box: Self.rightCup, phrase: "cups", trigger: $0, segment: 2) }
    let found = try Self.byWords(regions)
    #expect(found.map(\.segment) == [1, 2, nil])
    #expect(found.map(\.via) == [.words, .words, .heads])
    // What the model points at has no say: not even for one that is left over.
    #expect(found[2].box == Self.rightCup)
  }

  @Test(arguments: ["cup number 3", "cup number 0", "The bowl", ""])
  func wordsThatMeanNoSegmentLeaveTheBox(phrase: String) throws {
    let region = Region(box: Self.rightCup, phrase: phrase, trigger: 0)
    #expect(try Self.byWords([region]) == [region])
  }
}
