import Checkpoints
import Foundation
import Grounding
import Tensors
import TestSupport
import Testing

/// A folder or a checkpoint that is not what it should be is refused, and the sentence names what is wrong.
@Suite struct SAMRefusalTests {
  static func message(_ old: String, _ new: String, in name: String) throws -> String {
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent("crayon-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: TinySAM.folder("base"), to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let file = copy.appendingPathComponent(name)
    let text = try String(contentsOf: file, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
    do {
      _ = try SAM(folder: copy)
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: copy.path, with: "DIR")
    }
  }

  @Test(arguments: [
    (#""model_type": "sam""#, #""model_type": "sam""#, "accepted"),
    (
      #""use_rel_pos": true"#, #""use_rel_pos": false"#,
      "DIR/config.json: \"vision_config.use_rel_pos\" is false, but only true is supported"
    ),
    (
      #""output_channels": 32"#, #""output_channels": 16"#,
      "DIR/config.json: \"vision_config.output_channels\" is 16, but only 32 is supported"
    ),
    (
      #""window_size": 3"#, #""window_size": -3"#,
      "DIR/config.json: \"vision_config.window_size\" is -3, which is out of range or does not fit the other sizes"
    ),
    (
      #""mlp_dim": 40"#, #""mlp_dim": 41"#,
      "DIR/model.safetensors holds vision_encoder.layers.0.mlp.lin1.weight with shape [40, 24], but the model needs [41, 24]"
    ),
    (
      #""iou_head_depth": 3"#, #""iou_head_depth": 4"#,
      "DIR/model.safetensors lacks the tensor mask_decoder.iou_prediction_head.layers.1.weight"
    ),
    (
      #""num_multimask_outputs": 3"#, #""num_multimask_outputs": 0"#,
      "DIR/config.json: \"mask_decoder_config.num_multimask_outputs\" is 0, which is out of range or does not fit the other sizes"
    ),
  ])
  func configurations(old: String, new: String, sentence: String) throws {
    #expect(try Self.message(old, new, in: "config.json") == sentence)
  }

  @Test func aPreprocessorForAnotherSquare() throws {
    let sentence = try Self.message(
      #""longest_edge": 64"#, #""longest_edge": 65"#, in: "preprocessor_config.json")
    #expect(sentence == "DIR/preprocessor_config.json: \"size.longest_edge\" is 65, but only 64 is supported")
  }

  /// The authors' checkpoints have no configuration: shapes are all there is.
  @Test(arguments: [
    "image_encoder.pos_embed", "image_encoder.blocks.1.attn.rel_pos_h", "mask_decoder.iou_token.weight",
    "mask_decoder.transformer.final_attn_token_to_image.q_proj.weight",
    "prompt_encoder.mask_downscaling.3.weight",
    "mask_decoder.mask_tokens.weight",
  ])
  func originalCheckpointsWithAMissingOrAnEmptyTensor(name: String) throws {
    let folder = try TemporaryFolder()
    let source = try Checkpoint(file: TinySAM.folder("original").appendingPathComponent("sam_vit_tiny.pth"))
    for shape in [nil, [0], [0, 0], [1], [3, 5, 7]] as [[Int]?] {
      var writer = SafetensorsWriter()
      for entry in source.entries where entry.name != name { writer[entry.name] = .stored(entry) }
      if let shape { writer[name] = .float32(Tensor(zeros: shape)) }
      try writer.write(to: folder.file("sam.safetensors"))
      #expect(throws: CheckpointError.self) { try SAM(original: folder.file("sam.safetensors")) }
    }
  }
}
