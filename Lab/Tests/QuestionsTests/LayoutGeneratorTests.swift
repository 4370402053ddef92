import CrayonCore
import Testing

@testable import Questions

/// Random maps without pictures.
@Suite struct LayoutGeneratorTests {
  @Test func theSameSeedGivesTheSameMap() throws {
    let generator = try LayoutGenerator(width: 64, height: 48)
    #expect(try generator.layout(seed: 3) == generator.layout(seed: 3))
    #expect(try generator.layout(seed: 3) != generator.layout(seed: 4))
    #expect(try generator.layout(seed: 3).width == 64)
  }

  @Test func theyAreOfAllKinds() throws {
    let generator = try LayoutGenerator(width: 64, height: 64)
    var numbers: Set<Int> = []
    var categories: Set<String> = []
    var (void, scenery, crowded, people, unlike) = (0, 0, 0, 0, 0)
    let scenes = Set(LayoutGenerator.sceneCategories)
    for seed in 1...600 {
      let map = try generator.layout(seed: UInt64(seed))
      let things = map.segments.filter(\.category.isThing)
      #expect(things.count <= 60)
      #expect(things.allSatisfy { $0.area >= 4 })
      if things.count > 30 { crowded += 1 }
      for group in Dictionary(grouping: things, by: \.category.id).values {
        numbers.insert(group.count)
        let areas = group.map(\.area)
        if areas.max()! >= 15 * areas.min()! { unlike += 1 }
      }
      if things.contains(where: { $0.category.name == "person" }) { people += 1 }
      categories.formUnion(map.segments.map(\.category.name))
      if map.voidArea > 0 { void += 1 }
      if map.segments.allSatisfy({ scenes.contains($0.category.name) }) { scenery += 1 }
    }
    #expect(numbers.isSuperset(of: 1...16))
    #expect(categories.count == 133)
    #expect((60...300).contains(void))
    #expect((120...240).contains(scenery))
    #expect((60...180).contains(crowded))
    #expect((180...300).contains(people))
    #expect(unlike > 60)
  }

  /// As the segmenter numbers what it finds.
  @Test func oftenThingsAreNumberedFromLeftToRightAndStuffBehindThem() throws {
    let generator = try LayoutGenerator(width: 64, height: 64)
    var ordered = 0
    for seed in 1...200 {
      let segments = try generator.layout(seed: UInt64(seed)).segments
      let things = segments.prefix { $0.category.isThing }
      let stuff = segments.dropFirst(things.count)
      guard things.count > 3, stuff.allSatisfy({ !$0.category.isThing }) else { continue }
      // What hides half of another moves the middle of its box a little.
      let places = things.map(\.box.centre.x)
      if zip(places, places.dropFirst()).allSatisfy({ $0 <= $1 + 6 }) { ordered += 1 }
    }
    #expect((30...110).contains(ordered))
  }

  @Test func whatIsFoundTogetherOftenStandsTogether() throws {
    let generator = try LayoutGenerator(width: 64, height: 64)
    let together = try (1...400).count { seed in
      let names = Set(
        try generator.layout(seed: UInt64(seed)).segments.filter(\.category.isThing).map(\.category.name))
      return names.count > 2
        && CategoryKinship.contexts.contains { names.subtracting(["person"]).isSubset(of: $0) }
    }
    #expect(together > 50)
  }

  @Test(arguments: [(15, 64), (64, 0), (-1, 64), (64, 20000)])
  func sizesThatCannotBe(width: Int, height: Int) {
    #expect(throws: LayoutError.badSize(width: width, height: height)) {
      try LayoutGenerator(width: width, height: height)
    }
  }
}
