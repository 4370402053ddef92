import Checkpoints
import Foundation
import Layers
import Tensors
import TestSupport
import Testing

@testable import Panoptic

/// The trunk for stuff against the code that trains it, with a few random channels.
@Suite struct StuffTrunkTests {
  static let folder = Fixtures.folder.appendingPathComponent("2-Panoptic/stuff-trunk")

  struct Whole: Decodable {
    var stuff_trunk: StuffTrunkConfiguration.Published
  }

  static func configuration(_ url: URL) throws -> StuffTrunkConfiguration {
    let file = try ConfigurationFile(url)
    return try StuffTrunkConfiguration(file.decode(Whole.self).stuff_trunk, in: file)
  }

  let trunk: StuffTrunk
  let expected: Checkpoint
  let pixels: FeatureMap

  init() throws {
    let weights = WeightReader(
      try Checkpoint(file: Self.folder.appendingPathComponent("model.safetensors")))
    trunk = try StuffTrunk(weights, Self.configuration(Self.folder.appendingPathComponent("config.json")))
    try weights.finish()
    expected = try Checkpoint(file: Self.folder.appendingPathComponent("expected.safetensors"))
    let small = try expected.tensor("pixels").values
    // Channels last.
    let values = small.indices.map { small[$0 % 3 * 16 * 32 + $0 / 3] }
    let map = FeatureMap(height: 16, width: 32, values: Tensor(values, shape: [16 * 32, 3]))
    pixels = map.resized(height: 128, width: 256)
  }

  /// Channels first; of a map larger than the fixture has it, every second row and column.
  func expect(_ map: FeatureMap, toBe name: String) throws {
    let wanted = try expected.tensor(name)
    let step = map.height / wanted.shape[1]
    #expect(wanted.shape == [map.channels, map.height / step, map.width / step])
    let closeness = Closeness(map.channelsFirst(step: step), to: wanted.values)
    #expect(closeness.relative < 1e-5, "\(name): \(closeness)")
  }

  @Test func everyLevelIsTorchs() throws {
    let levels = trunk(pixels)
    try expect(levels.context, toBe: "context")
    try expect(levels.eighth, toBe: "eighth")
    try expect(levels.logits, toBe: "logits")
  }

  @Test(arguments: [2, 3, 5])
  func levelsDoNotDependOnTheNumberOfThreads(threads: Int) {
    func levels(_ threads: Int) -> [[Float]] {
      Parallel.$threads.withValue(threads) {
        let levels = trunk(pixels)
        return [levels.context, levels.eighth, levels.logits].map(\.values.values)
      }
    }
    #expect(levels(threads) == levels(1))
  }

  @Test(arguments: [
    ("stem_width", "0", "\"stuff_trunk.stem_width\" is 0"), ("classes", "-1", "\"stuff_trunk.classes\" is -1"),
    ("encoder_width", "21", "\"stuff_trunk.encoder_width\" is 21"),
    ("grid_width", "9223372036854775807", "\"stuff_trunk.grid_width\" is 9223372036854775807"),
    ("context_width", "\"wide\"", "\"stuff_trunk.context_width\" has the wrong type"),
    ("eighth_width", "0", "\"stuff_trunk.eighth_width\" is 0"),
    ("grids", "[8, 3]", "\"stuff_trunk.grids\" is 3"), ("grids", "[16]", "\"stuff_trunk.grids\" is 16"),
    ("grids", "[]", "\"stuff_trunk.grids\" is 0"),
    ("bottlenecks", "[]", "\"stuff_trunk.bottlenecks\" is 0"),
    (
      "bottlenecks", "[[8, 8, 3, 2, 1], [8, 8, 5, 2, 1], [8, 8, 3, 2]]",
      "\"stuff_trunk.bottlenecks\" is [8, 8, 3, 2],"
    ),
    (
      "bottlenecks", "[[8, 8, 3, 2, 1], [8, 8, 5, 2, 1], [8, 8, 3, 2, 2]]",
      "\"stuff_trunk.bottlenecks\" is [8, 8, 3, 2, 2],"
    ),
    (
      "bottlenecks", "[[8, 8, 3, 2, 1], [8, 8, 7, 2, 1], [8, 8, 3, 2, 1]]",
      "\"stuff_trunk.bottlenecks\" is [8, 8, 7, 2, 1],"
    ),
    (
      "bottlenecks", "[[8, 8, 3, 1, 1], [8, 8, 5, 2, 1], [8, 8, 3, 2, 1]]",
      "is steps [1, 2, 2], but only a step of 2 of the first and of two others is supported"
    ),
    (
      "bottlenecks", "[[8, 8, 3, 2, 1], [8, 8, 5, 1, 1], [8, 8, 3, 2, 1]]",
      "is steps [2, 1, 2], but only a step of 2 of the first and of two others is supported"
    ),
  ])
  func aBadSizeIsNamed(key: String, value: String, sentence: String) throws {
    let temporary = try TemporaryFolder()
    let file = temporary.file("config.json")
    let data = try Data(contentsOf: Self.folder.appendingPathComponent("config.json"))
    var config = try #require(JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
    config["stuff_trunk"]?[key] = try JSONSerialization.jsonObject(
      with: Data(value.utf8), options: .fragmentsAllowed)
    try JSONSerialization.data(withJSONObject: config).write(to: file)
    do {
      _ = try Self.configuration(file)
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(sentence), "\(error)")
    }
  }
}
