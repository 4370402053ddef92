import CrayonCore
import Scenes
import Testing

/// What holds of the truth of every scene.
@Suite struct SceneTruthTests {
  static let scenes: [Scene] = {
    guard let generator = try? SceneGenerator(width: 128, height: 128) else { return [] }
    return (0..<40).compactMap { try? generator.scene(seed: $0) }
  }()

  static let colours: Set<String> = [
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey",
  ]

  @Test func everySegmentHasAttributesAndNothingElseHas() {
    #expect(Self.scenes.count == 40)
    for scene in Self.scenes {
      #expect(Set(scene.attributes.keys) == Set(scene.map.segments.map { $0.id }))
    }
  }

  @Test func categoriesAreCOCOs() {
    for segment in Self.scenes.flatMap({ $0.map.segments }) {
      #expect(CategoryTable.coco.category(named: segment.category.name) == segment.category)
    }
  }

  @Test func thingsComeFirstFromLeftToRightAndStuffOnceEach() {
    for scene in Self.scenes {
      let segments = scene.map.segments
      #expect(segments.map { $0.id } == (1...Int32(max(segments.count, 1))).prefix(segments.count).map { $0 })
      let things = segments.filter { $0.category.isThing }
      #expect(segments.prefix(things.count).allSatisfy { $0.category.isThing })
      let stuff = segments.dropFirst(things.count).map { $0.category.name }
      #expect(Set(stuff).count == stuff.count)
      let middles = things.map { Self.middle(of: $0.id, in: scene.map) }
      #expect(middles == middles.sorted())
    }
  }

  @Test func attributesAreWithinTheirRanges() throws {
    for scene in Self.scenes {
      for segment in scene.map.segments {
        let known = try #require(scene.attributes[segment.id])
        #expect(known.visibleFraction > 0 && known.visibleFraction <= 1)
        #expect((known.distance ?? 1) > 0)
        #expect((known.distance != nil) == (segment.category.name != "sky-other-merged"))
        if let colour = known.colour { #expect(Self.colours.contains(colour) && segment.category.isThing) }
        if segment.category.isThing { #expect(segment.area >= 6) }
      }
    }
  }

  @Test func hardlyAnyPixelIsVoid() {
    let void = Self.scenes.reduce(0) { $0 + $1.map.voidArea }
    #expect(Double(void) < 0.01 * Double(Self.scenes.count * 128 * 128))
  }

  @Test func manyKindsAppear() {
    let names = Set(Self.scenes.flatMap { $0.map.segments.map { $0.category } })
    #expect(names.filter { $0.isThing }.count >= 16)
    #expect(names.filter { !$0.isThing }.count >= 6)
  }

  private static func middle(of id: Int32, in map: PanopticMap) -> Double {
    var sum = 0
    var count = 0
    for (index, owner) in map.ids.enumerated() where owner == id {
      sum += index % map.width
      count += 1
    }
    return Double(sum) / Double(count)
  }
}
