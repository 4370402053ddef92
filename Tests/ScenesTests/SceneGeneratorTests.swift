import CrayonCore
import Foundation
import Scenes
import Testing

/// A seed is a scene.
@Suite struct SceneGeneratorTests {
  static let seeds: [UInt64] = [0, 1, 7, 19, 21, 23, 1_000_000, .max]

  @Test(arguments: seeds)
  func aSeedGivesTheSameSceneAgain(seed: UInt64) throws {
    let generator = SceneGenerator(width: 96, height: 96)
    let first = try generator.scene(seed: seed)
    let second = try generator.scene(seed: seed)
    #expect(first.picture == second.picture)
    #expect(first.map == second.map)
    #expect(first.attributes == second.attributes)
  }

  @Test func twoThreadsMakeWhatOneMakes() async throws {
    let generator = SceneGenerator(width: 96, height: 96)
    let alone = try Self.seeds.map { try generator.scene(seed: $0) }
    let together = try await withThrowingTaskGroup(of: (Int, Scene).self) { group in
      for (index, seed) in Self.seeds.enumerated() {
        group.addTask { (index, try generator.scene(seed: seed)) }
      }
      return try await group.reduce(into: [Int: Scene]()) { $0[$1.0] = $1.1 }
    }
    for (index, scene) in alone.enumerated() {
      #expect(together[index]?.picture == scene.picture)
      #expect(together[index]?.map == scene.map)
    }
  }

  @Test func anotherSeedGivesAnotherScene() throws {
    let generator = SceneGenerator(width: 64, height: 64)
    let pictures = try (0..<12).map { try generator.scene(seed: $0).picture.pixels }
    #expect(Set(pictures).count == pictures.count)
  }

  @Test(arguments: [(256, 256), (320, 200), (33, 47), (200, 512)])
  func picturesHaveTheSizeThatIsAskedFor(width: Int, height: Int) throws {
    let scene = try SceneGenerator(width: width, height: height).scene(seed: 3)
    #expect(scene.picture.width == width && scene.picture.height == height)
    #expect(scene.map.width == width && scene.map.height == height)
  }

  @Test(arguments: [(0, 256), (256, 31), (5000, 256), (-1, -1), (Int.max, Int.max)])
  func otherSizesAreRefused(width: Int, height: Int) {
    #expect(throws: SceneError.unsupportedSize(width: width, height: height)) {
      try SceneGenerator(width: width, height: height).scene(seed: 0)
    }
  }
}
