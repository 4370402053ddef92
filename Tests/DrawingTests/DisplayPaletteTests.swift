import CrayonCore
import Drawing
import Testing

/// The colours that segments are shown in.
@Suite struct DisplayPaletteTests {
  /// Up to many more of a class than anybody has seen in a picture.
  @Test(arguments: [1, 20, 150, 400])
  func noTwoSegmentsLookAlikeAndNoneIsBlack(count: Int) throws {
    let person = Category(id: 1, name: "person", isThing: true)
    let others = CategoryTable.coco.categories
    let ids = (1...count + others.count).map(Int32.init)
    var labels: [Int32: PanopticMap.Label] = [:]
    for id in ids {
      labels[id] = .init(category: id <= count ? person : others[Int(id) - count - 1])
    }
    let map = try PanopticMap(width: ids.count, height: 1, ids: ids, labels: labels)
    let colours = DisplayPalette().colours(of: map)
    #expect(Set(colours.values).count == ids.count)
    #expect(colours.values.allSatisfy { $0.distance(to: .black) > 60 })
    #expect(DisplayPalette().colours(of: map) == colours)
  }

  @Test func instancesOfAClassAreShadesOfItsColour() throws {
    let cup = PanopticMap.Label(category: Category(id: 47, name: "cup", isThing: true))
    let bed = PanopticMap.Label(category: Category(id: 65, name: "bed", isThing: true))
    let map = try PanopticMap(width: 3, height: 1, ids: [1, 2, 3], labels: [1: cup, 2: cup, 3: bed])
    let colours = DisplayPalette().colours(of: map)
    let (a, b, c) = try (#require(colours[1]), #require(colours[2]), #require(colours[3]))
    #expect(a.distance(to: b) >= 36)
    #expect(a.distance(to: b) < a.distance(to: c))
  }
}
