import CrayonCore
import Foundation
import Scenes
import Testing

/// A seed is a scene.
@Suite struct SceneGeneratorTests {
  static let seeds: [UInt64] = [0, 1, 7, 19, 21, 23, 1_000_000, .max]

  @Test(arguments: seeds)
  func aSeedGivesTheSameSceneAgain(seed: UInt64) throws {
    let generator = try SceneGenerator(width: 96, height: 96)
    let first = try generator.scene(seed: seed)
    let second = try generator.scene(seed: seed)
    // Compared first and expected then: a failure should not print whole pictures.
    let same = (
      picture: first.picture == second.picture, map: first.map == second.map,
      attributes: first.attributes == second.attributes
    )
    #expect(same == (true, true, true))
  }

  @Test func twoThreadsMakeWhatOneMakes() async throws {
    let generator = try SceneGenerator(width: 96, height: 96)
    let alone = try Self.seeds.map { try generator.scene(seed: $0) }
    let together = try await withThrowingTaskGroup(of: (Int, Scene).self) { group in
      for (index, seed) in Self.seeds.enumerated() {
        group.addTask { (index, try generator.scene(seed: seed)) }
      }
      return try await group.reduce(into: [Int: Scene]()) { $0[$1.0] = $1.1 }
    }
    for (index, scene) in alone.enumerated() {
      let other = together[index]
      let same = other?.picture == scene.picture && other?.map == scene.map
      #expect(same, "seed \(Self.seeds[index])")
    }
  }

  /// Four settings, digested where they were first made: other processors and compilers make the same.
  /// Changes of what scenes look like change these on purpose.
  @Test(arguments: [
    (UInt64(0), UInt64(0x1920_f958_33b0_f479)), (3, 0xfa9e_b48b_bd09_5d99), (20, 0x9f51_4dae_ef50_7090),
    (21, 0xda12_cea0_e178_e00a),
  ])
  func everyMachineMakesTheSame(seed: UInt64, digest: UInt64) throws {
    let scene = try SceneGenerator(width: 64, height: 64).scene(seed: seed)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in scene.picture.pixels { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for id in scene.map.ids { hash = (hash ^ UInt64(UInt32(bitPattern: id))) &* 0x100_0000_01b3 }
    #expect(hash == digest)
  }

  @Test func anotherSeedGivesAnotherScene() throws {
    let generator = try SceneGenerator(width: 64, height: 64)
    let pictures = try (0..<12).map { try generator.scene(seed: $0).picture.pixels }
    let different = Set(pictures).count
    #expect(different == 12)
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
      try SceneGenerator(width: width, height: height)
    }
  }
}
