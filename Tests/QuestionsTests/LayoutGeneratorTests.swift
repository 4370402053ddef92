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
    var (void, scenery) = (0, 0)
    let scenes = Set(LayoutGenerator.sceneCategories)
    for seed in 1...600 {
      let map = try generator.layout(seed: UInt64(seed))
      let things = map.segments.filter(\.category.isThing)
      #expect(things.count <= 30)
      for group in Dictionary(grouping: things, by: \.category.id).values { numbers.insert(group.count) }
      categories.formUnion(map.segments.map(\.category.name))
      if map.voidArea > 0 { void += 1 }
      if map.segments.allSatisfy({ scenes.contains($0.category.name) }) { scenery += 1 }
    }
    #expect(numbers.isSuperset(of: 1...16))
    #expect(categories.count == 133)
    #expect((60...300).contains(void))
    #expect((240...400).contains(scenery))
  }

  @Test func mostThingsCanBeSeenInAGridOf16() throws {
    let generator = try LayoutGenerator(width: 64, height: 64)
    var (all, seen) = (0, 0)
    for seed in 1...100 {
      let map = try generator.layout(seed: UInt64(seed))
      let cells = (0..<256).map { cell in
        var areas: [Int32: Int] = [:]
        for pixel in 0..<16 {
          areas[map.ids[(cell / 16 * 4 + pixel / 4) * 64 + cell % 16 * 4 + pixel % 4], default: 0] += 1
        }
        return areas.max { $0.value < $1.value }?.key ?? 0
      }
      for segment in map.segments where segment.category.isThing {
        all += 1
        if cells.contains(segment.id) { seen += 1 }
      }
    }
    #expect(Double(seen) > 0.85 * Double(all), "\(seen) of \(all)")
  }

  @Test(arguments: [(15, 64), (64, 0), (-1, 64), (64, 20000)])
  func sizesThatCannotBe(width: Int, height: Int) {
    #expect(throws: LayoutError.badSize(width: width, height: height)) {
      try LayoutGenerator(width: width, height: height)
    }
  }
}
