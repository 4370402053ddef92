import Checkpoints
import CrayonCore
import Foundation
import Panoptic
import TestSupport
import Testing

/// A model's folder that is not what it should be is refused, and the sentence names what is wrong.
@Suite struct Mask2FormerRefusalTests {
  /// A copy of the tiny model that a test may damage.
  struct Copy: ~Copyable {
    let folder: URL

    init() throws {
      folder = FileManager.default.temporaryDirectory.appendingPathComponent("crayon-\(UUID().uuidString)")
      try FileManager.default.copyItem(
        at: Fixtures.folder.appendingPathComponent("2-Panoptic/mask2former-tiny"), to: folder)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    func replace(_ old: String, by new: String, in name: String) throws {
      let text = try String(contentsOf: file(name), encoding: .utf8)
      try #require(text.contains(old))
      try text.replacingOccurrences(of: old, with: new).write(
        to: file(name), atomically: true, encoding: .utf8)
    }

    /// Changes the weights' header and data.
    func editWeights(_ edit: (inout [String: Any], inout Data) throws -> Void) throws {
      let data = try Data(contentsOf: file("model.safetensors"))
      let length = Int(data.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * $1.offset) })
      var header = try #require(
        try JSONSerialization.jsonObject(with: data.dropFirst(8).prefix(length)) as? [String: Any])
      var values = Data(data.dropFirst(8 + length))
      try edit(&header, &values)
      let text = try JSONSerialization.data(withJSONObject: header)
      let count = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
      try (count + text + values).write(to: file("model.safetensors"))
    }

    func message() -> String {
      do {
        _ = try Mask2Former(folder: folder)
        return "accepted"
      } catch {
        return "\(error)".replacingOccurrences(of: folder.path, with: "DIR")
      }
    }
  }

  static let weight = "model.transformer_module.decoder.layernorm.weight"

  @Test func anIntactCopyIsAccepted() throws {
    let copy = try Copy()
    #expect(copy.message() == "accepted")
  }

  @Test(arguments: [
    (
      #""model_type": "mask2former""#, #""model_type": "detr""#,
      "DIR/config.json: \"model_type\" is detr, but only mask2former is supported"
    ),
    (
      #""pre_norm": false"#, #""pre_norm": true"#,
      "DIR/config.json: \"pre_norm\" is true, but only false is supported"
    ),
    (
      #""hidden_act": "gelu""#, #""hidden_act": "relu""#,
      "DIR/config.json: \"backbone_config.hidden_act\" is relu, but only gelu is supported"
    ),
    (
      #""embed_dim": 6"#, #""embed_dim": "six""#,
      "DIR/config.json: the value of \"backbone_config.embed_dim\" has the wrong type"
    ),
    (
      #""embed_dim": 6"#, #""embed_dim": 7"#,
      "DIR/config.json: \"backbone_config.embed_dim\" is 7, which is out of range or does not fit the other sizes"
    ),
    (
      #""window_size": 7"#, #""window_size": 0"#,
      "DIR/config.json: \"backbone_config.window_size\" is 0, which is out of range or does not fit the other sizes"
    ),
    (
      #""decoder_layers": 4"#, #""decoder_layers": -9223372036854775808"#,
      "DIR/config.json: \"decoder_layers\" is -9223372036854775808, which is out of range or does not fit the other sizes"
    ),
    (
      #""embed_dim""#, #""embed_dimension""#,
      "DIR/config.json lacks the key \"backbone_config.embed_dim\""
    ),
    (
      #""0": "person""#, #""0": "gryphon""#,
      "the class \"gryphon\" is not in the model's vocabulary"
    ),
    (
      #""num_queries": 10"#, #""num_queries": 11"#,
      "DIR/model.safetensors holds model.transformer_module.queries_features.weight with shape [10, 32], but the model needs [11, 32]"
    ),
  ])
  func configurations(old: String, new: String, sentence: String) throws {
    let copy = try Copy()
    try copy.replace(old, by: new, in: "config.json")
    #expect(copy.message() == sentence)
  }

  @Test func aFolderWithoutWeights() throws {
    let copy = try Copy()
    try FileManager.default.removeItem(at: copy.file("model.safetensors"))
    #expect(copy.message().hasPrefix("DIR holds none of model.safetensors, "))
  }

  @Test func aConfigurationThatIsNotJSON() throws {
    let copy = try Copy()
    try Data("{".utf8).write(to: copy.file("config.json"))
    #expect(copy.message() == "DIR/config.json cannot be read as a model's configuration: it is not JSON")
  }

  @Test func aMissingTensor() throws {
    let copy = try Copy()
    try copy.editWeights { header, _ in
      header["extra"] = header.removeValue(forKey: Self.weight)
    }
    #expect(
      copy.message()
        == "DIR/model.safetensors lacks the tensor \(Self.weight)")
  }

  @Test func anExtraTensor() throws {
    let copy = try Copy()
    try copy.editWeights { header, data in
      header["extra.weight"] = [
        "dtype": "F32", "shape": [1], "data_offsets": [data.count, data.count + 4],
      ]
      data += Data(count: 4)
    }
    #expect(
      copy.message()
        == "DIR/model.safetensors holds extra.weight, which the model does not use; is it for another model?")
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aTensorWithANumberThatIsNone(value: Float) throws {
    let copy = try Copy()
    try copy.editWeights { header, data in
      let entry = try #require(header[Self.weight] as? [String: Any])
      let start = try #require((entry["data_offsets"] as? [Int])?.first)
      withUnsafeBytes(of: value) { data.replaceSubrange(start + 8..<start + 12, with: $0) }
    }
    #expect(
      copy.message()
        == "DIR/model.safetensors holds a value in \(Self.weight) (index 2) that is infinite or not a number"
    )
  }

  @Test func pictureSizesFollowTheShortSideAndTheDivisor() throws {
    let copy = try Copy()
    let processor = try Mask2Former(folder: copy.folder).imageProcessor
    // Short side 64 unless the long one would exceed 107, rounded up to 32s.
    #expect(processor.targetSize(width: 640, height: 480) == (96, 64))
    #expect(processor.targetSize(width: 480, height: 640) == (64, 96))
    #expect(processor.targetSize(width: 1, height: 1) == (64, 64))
    // Its short side would be a hundredth of a pixel.
    #expect(processor.targetSize(width: 20000, height: 2) == (128, 32))
  }

  /// Finite weights whose products are not: comparisons would pass over what they give, and the map would be empty.
  @Test(arguments: ["model.pixel_level_module.decoder.mask_projection.weight", weight])
  func numbersThatOverflowAreNoMap(name: String) throws {
    let copy = try Copy()
    try copy.editWeights { header, data in
      let entry = try #require(header[name] as? [String: Any])
      let range = try #require(entry["data_offsets"] as? [Int])
      for (index, start) in stride(from: range[0], to: range[1], by: 4).enumerated() {
        withUnsafeBytes(of: index % 2 == 0 ? Float(3e38) : -3e38) {
          data.replaceSubrange(start..<start + 4, with: $0)
        }
      }
    }
    let segmenter = try Mask2Former(folder: copy.folder)
    var numbers = SeededNumbers(seed: 2)
    let pixels = (0..<64 * 64 * 3).map { _ in UInt8.random(in: 0...255, using: &numbers) }
    #expect(throws: SegmenterError.notFinite) {
      try segmenter.run(RGBImage(width: 64, height: 64, pixels: pixels))
    }
  }
}
