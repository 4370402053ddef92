import Checkpoints
import CrayonCore
import Foundation
import Layers
import Tensors
import TestSupport
import Testing
import Vision

/// The stage as a whole: a picture in, features on a grid out; and what it refuses.
@Suite struct VisionEncoderTests {
  static let folder = CLIPVisionTowerTests.folder("whole")

  static func tensor(_ shape: [Int], seed: UInt64) -> Tensor {
    var numbers = SeededNumbers(seed: seed)
    return Tensor(numbers.floats(shape.reduce(1, *)), shape: shape)
  }

  static func connector(positions: Int? = nil) -> MLPConnector {
    MLPConnector(
      [
        Linear(weight: tensor([40, 32], seed: 1), bias: tensor([40], seed: 2)),
        Linear(weight: tensor([40, 40], seed: 3), bias: tensor([40], seed: 4)),
      ], positions: positions.map { tensor([$0, 40], seed: 5) })
  }

  @Test func aPictureBecomesAGridOfFeatures() throws {
    let picture = try VisionPreprocessingTests.picture("wide")
    let plain = try VisionEncoder(folder: Self.folder)
    let tokens = try plain.run(picture)
    #expect(tokens.rows == 4 && tokens.columns == 4 && tokens.width == 32)
    #expect(tokens.frame == PictureFrame(.centreCrop(edge: 32, crop: 32), width: 83, height: 44))
    let connected = try VisionEncoder(folder: Self.folder, connector: Self.connector(positions: 16))
    let wanted = Self.connector()(tokens.features) + Self.tensor([16, 40], seed: 5)
    #expect(Closeness(try connected.run(picture).features.values, to: wanted.values).relative < 1e-6)
  }

  /// As CoLLaVO's tower at 490 pixels on a table for 336: here 56 on a table for 32.
  @Test func theSideIsThatOfThePreprocessing() throws {
    let preprocessing = VisionPreprocessing(mode: .squash, side: 56, filter: .torchBilinear)
    let tokens = try VisionEncoder(folder: Self.folder, preprocessing: preprocessing)
      .run(try VisionPreprocessingTests.picture("tall"))
    #expect(tokens.rows == 7 && tokens.frame.mode == .squash)
  }

  @Test func partsThatDoNotFit() throws {
    #expect(throws: VisionError.gridMismatch(positions: 9, cells: 16)) {
      try VisionEncoder(folder: Self.folder, connector: Self.connector(positions: 9))
    }
    #expect(throws: VisionError.widthMismatch(connector: 40, tower: 32)) {
      try VisionEncoder(
        folder: Self.folder,
        connector: MLPConnector([Linear(weight: Self.tensor([8, 40], seed: 1), bias: nil)]))
    }
  }

  @Test func theConnectorIsALinearLayerOrTwoAroundAGELU() throws {
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter()
    let (w0, b0) = (Self.tensor([6, 4], seed: 11), Self.tensor([6], seed: 12))
    let (w2, b2) = (Self.tensor([6, 6], seed: 13), Self.tensor([6], seed: 14))
    for (name, tensor) in [("0.weight", w0), ("0.bias", b0), ("2.weight", w2), ("2.bias", b2)] {
      writer["vision_proj.\(name)"] = .float32(tensor)
    }
    writer["mm_projector.weight"] = .float16(w0)
    writer["mm_projector.bias"] = .float32(b0)
    try writer.write(to: folder.file("connector.safetensors"))
    let weights = WeightReader(try Checkpoint(file: folder.file("connector.safetensors")))
    let double = try MLPConnector(weights.scoped("vision_proj"), inputs: 4, width: 6)
    let single = try MLPConnector(named: weights.scoped("mm_projector"), inputs: 4, width: 6)
    try weights.finish()
    let x = Self.tensor([3, 4], seed: 15)
    let hidden = Linear(weight: w0, bias: b0)(x).values.map { value -> Float in
      Float(Double(value) * 0.5 * (1 + erf(Double(value) / 2.0.squareRoot())))
    }
    let wanted = Linear(weight: w2, bias: b2)(Tensor(hidden, shape: [3, 6]))
    #expect(Closeness(double(x).values, to: wanted.values).relative < 1e-5)
    #expect(Closeness(single(x).values, to: Linear(weight: w0, bias: b0)(x).values).relative < 1e-3)
  }

  static func message(_ old: String, _ new: String) throws -> String {
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent("crayon-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: folder, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let file = copy.appendingPathComponent("config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    // The vision's half comes last.
    let range = try #require(text.range(of: old, options: .backwards))
    try text.replacingCharacters(in: range, with: new).write(to: file, atomically: true, encoding: .utf8)
    do {
      _ = try VisionEncoder(folder: copy)
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: copy.path, with: "DIR")
    }
  }

  @Test(arguments: [
    (#""hidden_size": 32"#, #""hidden_size": 32"#, "accepted"),
    (
      #""hidden_act": "quick_gelu""#, #""hidden_act": "swish""#,
      "DIR/config.json: \"vision_config.hidden_act\" is swish, but only quick_gelu or gelu is supported"
    ),
    (
      #""num_attention_heads": 2"#, #""num_attention_heads": 3"#,
      "DIR/config.json: \"vision_config.hidden_size\" is 32, which is out of range or does not fit the other sizes"
    ),
    (
      #""patch_size": 8"#, #""patch_size": 0"#,
      "DIR/config.json: \"vision_config.patch_size\" is 0, which is out of range or does not fit the other sizes"
    ),
    (
      #""num_hidden_layers": 3"#, #""num_hidden_layers": 4"#,
      "DIR/model.safetensors lacks the tensor vision_model.encoder.layers.3.layer_norm1.weight"
    ),
    (
      #""intermediate_size": 64"#, #""intermediate_size": 65"#,
      "DIR/model.safetensors holds vision_model.encoder.layers.0.mlp.fc1.weight with shape [64, 32], but the model needs [65, 32]"
    ),
    (#""vision_config""#, #""eyes""#, "DIR/config.json lacks the key \"vision_config\""),
  ])
  func foldersThatAreNotWhatTheySay(old: String, new: String, sentence: String) throws {
    #expect(try Self.message(old, new) == sentence)
  }

  @Test func aHalfThatIsNotANumberIsRefused() throws {
    let folder = try TemporaryFolder()
    let source = CLIPVisionTowerTests.folder("half")
    var writer = SafetensorsWriter()
    let checkpoint = try Checkpoint(folder: source)
    let name = "vision_model.encoder.layers.1.mlp.fc1.weight"
    for entry in checkpoint.entries { writer[entry.name] = .stored(entry) }
    var bad = try checkpoint.tensor(name)
    bad.write { $0[70] = .infinity }
    writer[name] = .float16(bad)
    try writer.write(to: folder.file("model.safetensors"))
    try FileManager.default.copyItem(
      at: source.appendingPathComponent("config.json"), to: folder.file("config.json"))
    let error = #expect(throws: CheckpointError.self) { try CLIPVisionTower(folder: folder.url) }
    #expect(
      error == .notFinite(path: folder.file("model.safetensors").path, name: name, index: 70))
  }
}
