import Checkpoints
import Foundation
import Layers
import Tensors
import TestSupport
import Testing
import Vision

/// Our tower against transformers' CLIPVisionModel on random weights, layer by layer: heads of 16 and of 20, both
/// activations, float32, float16 and bfloat16 files, PyTorch's file, a whole CLIP, and names without the prefix; on
/// the grid of the position table and on another. Fixtures: Tests/Reference/vision.py.
///
/// Activations agree to 1e-5 of the largest (seen: 1e-6; the contract is 1e-3), which a swapped axis, a missing bias or
/// another epsilon exceeds by far.
@Suite struct CLIPVisionTowerTests {
  static let names = ["whole", "vision", "half", "brain"]
  static let tolerance = 1e-5

  static func folder(_ name: String) -> URL {
    Fixtures.folder.appendingPathComponent("4-Vision/clip-\(name)")
  }

  static func expected(_ name: String) throws -> Checkpoint {
    try Checkpoint(file: folder(name).appendingPathComponent("expected.safetensors"))
  }

  @Test(arguments: names, ["own", "other"])
  func everyHiddenStateIsTransformers(name: String, square: String) throws {
    let expected = try Self.expected(name)
    let pixels = ChannelsFirst.map(try expected.tensor("\(square).pixels"))
    let tower = try CLIPVisionTower(folder: Self.folder(name), side: pixels.height)
    let states = tower.hiddenStates(pixels)
    #expect(states.count == tower.configuration.layers + 1)
    for (layer, state) in states.enumerated() {
      let wanted = try expected.tensor("\(square).hidden.\(layer)")
      #expect(state.shape == Array(wanted.shape.dropFirst()))
      let closeness = Closeness(state.values, to: wanted.values)
      #expect(closeness.relative < Self.tolerance, "layer \(layer): \(closeness)")
    }
  }

  /// Counted from the start and from the end.
  @Test(arguments: [(0, 0), (1, 1), (3, 3), (-1, 3), (-2, 2), (-4, 0)])
  func layersBehindTheOneThatIsTakenAreNotRun(index: Int, layer: Int) throws {
    let expected = try Self.expected("whole")
    let pixels = ChannelsFirst.map(try expected.tensor("own.pixels"))
    let tower = try CLIPVisionTower(folder: Self.folder("whole"), layer: index)
    #expect(tower.depth == layer && tower.hiddenStates(pixels).count == layer + 1)
    let wanted = try expected.tensor("own.hidden.\(layer)").values
    let closeness = Closeness(tower(pixels, keepsClassToken: true).values, to: wanted)
    #expect(closeness.relative < Self.tolerance, "\(closeness)")
    let patches = tower(pixels)
    #expect(patches.shape == [16, 32])
    #expect(Closeness(patches.values, to: wanted.dropFirst(32)).relative < Self.tolerance)
  }

  @Test(arguments: [-5, 4])
  func aLayerThatIsNotThere(index: Int) {
    #expect(throws: VisionError.noSuchLayer(index: index, layers: 3)) {
      try CLIPVisionTower(folder: Self.folder("whole"), layer: index)
    }
  }

  @Test(arguments: [0, -8, 33, 7, 1 << 40])
  func aSideThatIsNoWholePatches(side: Int) {
    #expect(throws: VisionError.badSide(side, patch: 8)) {
      try CLIPVisionTower(folder: Self.folder("whole"), side: side)
    }
  }

  /// A larger model keeps its tower anywhere, and counts the whole of itself.
  @Test func theTowerOfALargerModel() throws {
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter()
    for entry in try Checkpoint(folder: Self.folder("half")).entries {
      writer["vit.vision_tower.\(entry.name)"] = .stored(entry)
    }
    writer["output.weight"] = .float32(Tensor(zeros: [2, 2]))
    try writer.write(to: folder.file("model.safetensors"))
    let weights = WeightReader(try Checkpoint(folder: folder.url))
    let configuration = try CLIPVisionConfiguration(
      readingJSON: Self.folder("half").appendingPathComponent("config.json"))
    let tower = try CLIPVisionTower(
      weights.scoped("vit.vision_tower.vision_model"), configuration, layer: -2)
    let error = #expect(throws: CheckpointError.self) { try weights.finish() }
    #expect(
      error
        == .extraTensors(path: weights.checkpoint.path, names: ["output.weight"]))
    let expected = try Self.expected("half")
    let state = tower(ChannelsFirst.map(try expected.tensor("own.pixels")), keepsClassToken: true)
    #expect(Closeness(state.values, to: try expected.tensor("own.hidden.1").values).relative < Self.tolerance)
  }

  @Test(arguments: [1, 2, 3])
  func theFeaturesDoNotDependOnTheNumberOfThreads(threads: Int) throws {
    let pixels = ChannelsFirst.map(try Self.expected("half").tensor("other.pixels"))
    let tower = try CLIPVisionTower(folder: Self.folder("half"), side: pixels.height)
    let expected = Parallel.$threads.withValue(1) { tower(pixels).values }
    let isEqual = Parallel.$threads.withValue(threads) { tower(pixels).values } == expected
    #expect(isEqual)
  }

  /// Tables of odd shapes, stretched, shrunk and both.
  @Test func bicubicInterpolationIsTorchs() throws {
    let checkpoint = try Checkpoint(
      file: Fixtures.folder.appendingPathComponent("4-Vision/bicubic.safetensors"))
    var count = 0
    for name in checkpoint.names {
      let parts = name.split(separator: ".")
      guard parts.count == 3 else { continue }
      let table = ChannelsFirst.map(try checkpoint.tensor("table.\(parts[1])"))
      let expected = ChannelsFirst.map(try checkpoint.tensor(name))
      let resized = table.resizedBicubic(height: expected.height, width: expected.width)
      let closeness = Closeness(resized.values.values, to: expected.values.values)
      #expect(closeness.relative < 2e-6, "\(name): \(closeness)")
      count += 1
    }
    #expect(count == 7)
  }
}
