import Foundation
import Scenes
import Testing

/// How fast scenes are made, where `CRAYON_SCENE_BENCHMARK` asks: reported, not judged.
@Suite struct SceneBenchmark {
  static let asked = ProcessInfo.processInfo.environment["CRAYON_SCENE_BENCHMARK"] != nil

  @Test(.enabled(if: asked, "set CRAYON_SCENE_BENCHMARK"))
  func scenesASecond() async throws {
    let generator = try SceneGenerator()
    let count: UInt64 = 60
    for threads: UInt64 in [1, 2] {
      let start = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        for thread in 0..<threads {
          group.addTask {
            for seed in stride(from: thread, to: count, by: Int(threads)) {
              _ = try generator.scene(seed: seed)
            }
          }
        }
        try await group.waitForAll()
      }
      let seconds = Double((ContinuousClock.now - start) / .seconds(1))
      print("\(threads) threads: \(Double(count) / seconds) scenes of 256×256 a second")
    }
  }
}
