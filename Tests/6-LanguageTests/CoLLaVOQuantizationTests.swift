import Checkpoints
import Foundation
import Language
import Tensors
import TestSupport
import Testing

/// CoLLaVO in four bits: the layers' own matrices are packed, pairs and embeddings stay.
@Suite struct CoLLaVOQuantizationTests {
  /// A checkpoint of random weights whose rows are whole blocks of 64 values, with a tensor of another part.
  static func write(to folder: URL) throws {
    let (width, layers, vocabulary, rank) = (64, 2, 30, 4)
    let config = """
      {"architectures": ["CoLLaVOModel"], "model_type": "internlm", "vocab_size": \(vocabulary),
      "hidden_size": \(width), "intermediate_size": 128, "num_hidden_layers": \(layers), "num_attention_heads": 4,
      "num_key_value_heads": 2}
      """
    try config.write(to: folder.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
    var numbers = SeededNumbers(seed: 8)
    var writer = SafetensorsWriter()
    func add(_ name: String, _ shape: [Int]) {
      let scale = 1 / Float(shape[shape.count - 1]).squareRoot()
      writer[name] = .float32(Tensor(numbers.floats(shape.reduce(1, *)).map { $0 * scale * 1.7 }, shape: shape))
    }
    add("model.tok_embeddings.weight", [vocabulary + 1, width])
    add("output.weight", [vocabulary, width])
    add("vision_proj.0.weight", [width, 16])
    for layer in 0..<layers {
      for (name, rows, columns) in [
        ("attention.wqkv", 128, width), ("attention.wo", width, width), ("feed_forward.w1", 128, width),
        ("feed_forward.w3", 128, width), ("feed_forward.w2", width, 128),
      ] {
        let prefix = "model.layers.\(layer).\(name)"
        add("\(prefix).Plora_main.weight", [rows, columns])
        for pair in ["Plora", "Plora_seg"] {
          add("\(prefix).\(pair)_A.weight", [rank, columns])
          add("\(prefix).\(pair)_B.weight", [rows, rank])
        }
      }
      for norm in ["attention_norm", "ffn_norm"] {
        writer["model.layers.\(layer).\(norm).weight"] = .float32(
          Tensor(Array(repeating: 1, count: width), shape: [width]))
      }
    }
    writer["model.norm.weight"] = .float32(Tensor(Array(repeating: 1, count: width), shape: [width]))
    try writer.write(to: folder.appendingPathComponent("model.safetensors"))
  }

  static func hidden(_ folder: URL) throws -> (values: [Float], decoder: Decoder) {
    let decoder = try Decoder(
      collavo: folder.appendingPathComponent("config.json"), WeightReader(try Checkpoint(folder: folder)))
    var numbers = SeededNumbers(seed: 3)
    let input = Tensor(numbers.floats(12 * 64), shape: [12, 64])
    let crayon = Tensor(numbers.floats(6 * 64), shape: [6, 64])
    var cache = KeyValueCache(for: decoder.configuration)
    let conditions = DecoderConditions(adapters: .collavo, imageSpan: 2..<8, crayonFeatures: crayon)
    let hidden = try decoder.run(
      input, cache: &cache, conditions: conditions, hiddenStatesAt: Array(0..<12))
    return (hidden.values, decoder)
  }

  @Test func theLayersMatricesArePacked() throws {
    let whole = try TemporaryFolder()
    let packed = try TemporaryFolder()
    try Self.write(to: whole.url)
    let names = try Decoder.layerMatrices(in: whole.url)
    #expect(names.count == 10 && names.allSatisfy { $0.hasSuffix(".Plora_main.weight") })
    try CheckpointQuantization.write(
      Checkpoint(folder: whole.url), .nf4, matrices: Set(names), to: packed.file("model.safetensors"))
    try FileManager.default.copyItem(at: whole.file("config.json"), to: packed.file("config.json"))
    let (exact, four) = (try Self.hidden(whole.url), try Self.hidden(packed.url))
    #expect(Closeness(four.values, to: exact.values).relative > 1e-3)
    // The same as with the values that four bits stand for.
    let unpacked = try TemporaryFolder()
    let original = try Checkpoint(folder: whole.url)
    let reader = WeightReader(try Checkpoint(folder: packed.url))
    var writer = SafetensorsWriter()
    for entry in original.entries {
      writer[entry.name] =
        names.contains(entry.name)
        ? .float32(try reader.matrix(entry.name, rows: entry.shape[0], columns: entry.shape[1]).dequantized())
        : .stored(entry)
    }
    try writer.write(to: unpacked.file("model.safetensors"))
    try FileManager.default.copyItem(at: whole.file("config.json"), to: unpacked.file("config.json"))
    let closeness = Closeness(four.values, to: try Self.hidden(unpacked.url).values)
    #expect(closeness.relative < 1e-4, "\(closeness)")
    #expect(four.decoder.bytesPerToken * 4 < exact.decoder.bytesPerToken)
  }

  @Test func ofAPlainDecoderAllLayers() throws {
    let names = try Decoder.layerMatrices(in: TinyDecoder("llama").folder)
    #expect(names.count == 14 && names.contains("model.layers.1.mlp.down_proj.weight"))
  }
}
