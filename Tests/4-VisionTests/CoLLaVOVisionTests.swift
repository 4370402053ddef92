import Checkpoints
import CrayonCore
import Foundation
import Layers
import PNGFiles
import Tensors
import TestSupport
import Testing
import Vision

/// CoLLaVO's tower and connector against the authors' own code, from the picture's bytes on (Tests/Reference/collavo.py).
@Suite struct CoLLaVOVisionTests {
  static let preprocessing = VisionPreprocessing(mode: .squash, side: 70, filter: .torchBilinear)

  static func expected(_ name: String) throws -> Tensor {
    try Checkpoint(file: CoLLaVO.file("expected.safetensors")).tensor(name)
  }

  static func picture() throws -> RGBImage {
    let decoded = try PNG.decode(Data(contentsOf: CoLLaVO.file("1-image.png")))
    return RGBImage(width: decoded.width, height: decoded.height, pixels: decoded.rgb)
  }

  static func tower(_ checkpoint: Checkpoint) throws -> CLIPVisionTower {
    try CLIPVisionTower(
      WeightReader(checkpoint).scoped("vit.vision_tower.vision_model"),
      CLIPVisionConfiguration(readingJSON: CoLLaVO.file("vision/config.json")), side: 70)
  }

  @Test func featuresAndImageTokens() throws {
    let checkpoint = try Checkpoint(folder: CoLLaVO.folder)
    let tower = try Self.tower(checkpoint)
    let picture = try Self.picture()
    let features = try VisionEncoder(preprocessing: Self.preprocessing, tower: tower).run(picture)
    #expect(features.rows == 5 && features.columns == 5)
    let closeness = Closeness(features.features.values, to: try Self.expected("vision").values)
    #expect(closeness.relative < 1e-5, "\(closeness)")
    let connector = try MLPConnector(WeightReader(checkpoint).scoped("vision_proj"), inputs: 24, width: 32)
    let image = Closeness(connector(features.features).values, to: try Self.expected("image").values)
    #expect(image.relative < 1e-5, "\(image)")
  }

  /// From the table that the tower was trained with. Theirs rounds the stretched one to 16 bits.
  @Test func positionsThatAreStretchedHere() throws {
    let folder = try TemporaryFolder()
    let table = "vit.vision_tower.vision_model.embeddings.position_embedding.weight"
    let checkpoint = try Checkpoint(folder: CoLLaVO.folder)
    #expect(checkpoint.entry(named: table)?.shape == [26, 24])
    var writer = SafetensorsWriter()
    for entry in checkpoint.entries { writer[entry.name] = .stored(entry) }
    writer[table] = .float32(try Self.expected("positions"))
    try writer.write(to: folder.file("model.safetensors"))
    let tower = try Self.tower(Checkpoint(folder: folder.url))
    let picture = try Self.picture()
    let features = tower(Self.preprocessing(picture))
    let closeness = Closeness(features.values, to: try Self.expected("vision").values)
    #expect(closeness.relative < 1e-3, "\(closeness)")
  }

  @Test func aTableOfAnotherGridIsRefused() throws {
    let weights = WeightReader(try Checkpoint(folder: CoLLaVO.folder)).scoped("vit.vision_tower.vision_model")
    let configuration = try CLIPVisionConfiguration(readingJSON: CoLLaVO.file("vision/config.json"))
    let error = #expect(throws: CheckpointError.self) { try CLIPVisionTower(weights, configuration, side: 84) }
    #expect(
      error
        == .wrongShape(
          path: weights.checkpoint.path, name: weights.prefix + "embeddings.position_embedding.weight",
          expected: [10, 24], got: [26, 24]))
  }
}
