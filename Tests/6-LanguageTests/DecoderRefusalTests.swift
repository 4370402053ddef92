import Checkpoints
import Foundation
import Language
import Tensors
import TestSupport
import Testing
import Tokenizers

/// Models and requests that cannot be.
@Suite struct DecoderRefusalTests {
  /// A copy of a tiny model with one text replaced in its configuration.
  static func message(_ old: String, _ new: String, in model: String = "llama") throws -> String {
    let folder = try TemporaryFolder()
    let source = TinyDecoder.fixtures.appendingPathComponent(model)
    let text = try String(contentsOf: source.appendingPathComponent("config.json"), encoding: .utf8)
    try #require(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(
      to: folder.file("config.json"), atomically: true, encoding: .utf8)
    try FileManager.default.copyItem(
      at: source.appendingPathComponent("model.safetensors"), to: folder.file("model.safetensors"))
    do {
      _ = try Decoder(folder: folder.url)
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.url.path, with: "DIR")
    }
  }

  @Test(arguments: [
    (#""llama""#, #""gpt_neox""#, "DIR/config.json needs the model type gpt_neox, which crayon does not have"),
    (#""silu""#, #""gelu""#, "DIR/config.json needs the activation gelu, which crayon does not have"),
    (
      #""hidden_size": 64"#, #""hidden_size": "x""#,
      "DIR/config.json: the value of \"hidden_size\" has the wrong type"
    ),
    (#""hidden_size""#, #""width""#, "DIR/config.json lacks the key \"hidden_size\""),
    (
      #""hidden_size": 64"#, #""hidden_size": 64.5"#,
      "DIR/config.json cannot be read as a model's configuration: a number is too large, or not a whole one"
    ),
    (
      #""rms_norm_eps": 1e-05"#, #""rms_norm_eps": NaN"#,
      "DIR/config.json cannot be read as a model's configuration: it holds NaN, which JSON has no way to say"
    ),
    (
      #""rope_type": "default""#, #""rope_type": "linear""#,
      "DIR/config.json lacks the key \"rope_parameters.factor\""
    ),
    (
      #""num_attention_heads": 4"#, #""num_attention_heads": 3"#,
      "DIR/config.json describes a model with 3 heads for 2 key-value heads"
    ),
    (
      #""num_hidden_layers": 2"#, #""num_hidden_layers": 0"#,
      "DIR/config.json describes a model with 0 layers"
    ),
    (
      #""vocab_size": 97"#, #""vocab_size": 98"#,
      "DIR holds model.embed_tokens.weight with shape [97, 64], but the model needs [98, 64]"
    ),
  ])
  func configurations(old: String, new: String, sentence: String) throws {
    #expect(try Self.message(old, new).replacingOccurrences(of: "/model.safetensors", with: "") == sentence)
  }

  @Test func fewerLayersThanTheFileHas() throws {
    let message = try Self.message(#""num_hidden_layers": 2"#, #""num_hidden_layers": 1"#)
    #expect(message.contains("which the model does not use"))
  }

  @Test func aContextThatIsFull() throws {
    let decoder = try Decoder(folder: TinyDecoder("llama").folder)
    var generator = Generator(decoder)
    #expect(throws: LanguageError.contextFull(needed: 129, limit: 128)) {
      try generator.prefill(Array(repeating: 5, count: 129))
    }
    // A context that fills up while it is written ends, and says so.
    let start = try generator.prefill(Array(repeating: 5, count: 120)).hidden
    let made = try generator.generate(from: start, limit: 100, stops: [])
    #expect(made.end == .contextFull)
    #expect(made.tokens.count == 9)
  }

  @Test func aTokenizerOfAnotherModel() throws {
    let decoder = try Decoder(folder: TinyDecoder("llama").folder)
    var vocabulary = GGUFVocabulary(path: "other", tokens: (0..<98).map { "<t\($0)>" })
    vocabulary.preTokenizer = "gpt-2"
    vocabulary.types = Array(repeating: 3, count: 98)
    let tokenizer = try ByteLevelBPE(gguf: vocabulary)
    #expect(throws: LanguageError.vocabularyMismatch(file: "m", tokenizer: 98, model: 97)) {
      try LanguageModel(decoder, tokenizer: tokenizer, template: .smolLM2, name: "m")
    }
  }

  @Test func requestsThatMakeNoSense() throws {
    let decoder = try Decoder(folder: TinyDecoder("llama").folder)
    var generator = Generator(decoder)
    #expect(throws: LanguageError.emptyPrompt) { try generator.prefill([]) }
    #expect(throws: LanguageError.noSuchToken(97, vocabulary: 97)) { try generator.prefill([5, 97]) }
    #expect(throws: LanguageError.noSuchToken(-1, vocabulary: 97)) { try generator.prefill([-1]) }
    #expect(throws: LanguageError.wrongEmbeddings(shape: [2, 63], width: 64)) {
      try generator.append(Tensor(zeros: [2, 63]), hiddenStatesAt: [])
    }
  }
}
