import Checkpoints
import Foundation
import Language
import Tensors
import TestSupport
import Testing

/// Checkpoints that are not CoLLaVO's, or not whole.
@Suite struct CoLLaVORefusalTests {
  static func message(
    config old: String = "", _ new: String = "",
    weights change: (inout SafetensorsWriter, Checkpoint) throws -> Void = { _, _ in }
  ) throws -> String {
    let folder = try TemporaryFolder()
    let config = try String(contentsOf: CoLLaVO.file("config.json"), encoding: .utf8)
    if !old.isEmpty { try #require(config.contains(old)) }
    try config.replacingOccurrences(of: old, with: new).write(
      to: folder.file("config.json"), atomically: true, encoding: .utf8)
    let original = try Checkpoint(folder: CoLLaVO.folder)
    var writer = SafetensorsWriter()
    for entry in original.entries { writer[entry.name] = .stored(entry) }
    try change(&writer, original)
    try writer.write(to: folder.file("model.safetensors"))
    do {
      _ = try Decoder(
        collavo: folder.file("config.json"), WeightReader(try Checkpoint(folder: folder.url)))
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.url.path, with: "DIR")
    }
  }

  @Test(arguments: [
    ("", "", "accepted"),
    // Only advice: the tensors say whose it is.
    ("\"CoLLaVOModel\"", "\"InternLMForCausalLM\"", "accepted"),
    ("\"architectures\"", "\"authors\"", "accepted"),
    (
      "\"vocab_size\": 420", "\"vocab_size\": 421",
      "DIR/model.safetensors holds model.tok_embeddings.weight with shape [421, 32], but the model needs [422, 32]"
    ),
    (
      "\"vocab_size\": 420", "\"vocab_size\": 419",
      "DIR/model.safetensors holds model.tok_embeddings.weight with shape [421, 32], but the model needs [420, 32]"
    ),
    (
      "\"dynamic\"", "\"yarn\"",
      "DIR/config.json needs rotary scaling of the kind yarn, which crayon does not have"
    ),
    (
      "\"intermediate_size\": 48", "\"intermediate_size\": 40",
      "DIR/model.safetensors holds model.layers.0.feed_forward.w1.Plora_main.weight with shape [48, 32], but the model "
        + "needs [40, 32]"
    ),
  ])
  func configurations(old: String, new: String, sentence: String) throws {
    #expect(try Self.message(config: old, new) == sentence)
  }

  @Test(arguments: [
    "model.layers.1.feed_forward.w2.Plora_B.weight", "model.layers.0.attention.wqkv.Plora_A.weight",
    "model.layers.0.attention.wo.Plora_seg_A.weight", "model.layers.1.feed_forward.w3.Plora_seg_B.weight",
    "model.layers.1.attention.wqkv.Plora_main.weight", "output.weight",
  ])
  func aTensorThatIsMissing(name: String) throws {
    let missing = name.replacingOccurrences(of: "wqkv.Plora_main.weight", with: "wqkv.weight")
    #expect(
      try Self.message { writer, _ in writer[name] = nil }
        == "DIR/model.safetensors lacks the tensor \(missing)")
  }

  /// What `w2` has of crayon pairs is in the published files, and is not looked at.
  @Test func pairsThatAreNotUsedMayBeMissing() throws {
    #expect(
      try Self.message { writer, _ in
        writer["model.layers.0.feed_forward.w2.Plora_seg_A.weight"] = nil
      } == "accepted")
  }

  @Test func pairsOfOtherShapes() throws {
    let name = "model.layers.0.attention.wo.Plora_seg_A.weight"
    #expect(
      try Self.message { writer, _ in writer[name] = .float32(Tensor(zeros: [4, 31])) }
        == "DIR/model.safetensors holds \(name) with shape [4, 31], but the model needs [4, 32]")
    let half = "model.layers.0.attention.wo.Plora_seg_B.weight"
    #expect(
      try Self.message { writer, _ in writer[name] = .float32(Tensor(zeros: [5, 32])) }
        == "DIR/model.safetensors holds \(half) with shape [32, 4], but the model needs [32, 5]")
    #expect(
      try Self.message { writer, _ in writer[name] = .float32(Tensor(zeros: [0, 32])) }
        == "DIR/model.safetensors holds \(name) with shape [0, 32], but the model needs [1, 32]")
  }

  /// Its type is an older model's, which has other layers.
  @Test func itIsNoPlainDecoder() throws {
    let error = #expect(throws: LanguageError.self) { try Decoder(folder: CoLLaVO.folder) }
    #expect(error == .unsupported(file: CoLLaVO.file("config.json").path, what: "the model type internlm"))
  }

  @Test(arguments: [[24, 32], [25, 31], [25 * 32]])
  func crayonFeaturesThatDoNotFit(shape: [Int]) throws {
    let tiny = try TinyCoLLaVO()
    var generator = Generator(
      tiny.decoder,
      conditions: DecoderConditions(adapters: .collavo, imageSpan: 2..<27, crayonFeatures: Tensor(zeros: shape))
    )
    #expect(throws: LanguageError.wrongCrayonFeatures(shape: shape, rows: 25, width: 32)) {
      try generator.append(Tensor(zeros: [30, 32]), hiddenStatesAt: [29])
    }
  }
}
