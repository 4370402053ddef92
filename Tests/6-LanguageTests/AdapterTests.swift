import Checkpoints
import Foundation
import Language
import Tensors
import TestSupport
import Testing

/// Low-rank adapters against PEFT: each alone, both, none, other gains; over Hugging Face's files and over GGUF,
/// whose rows lie in another order.
@Suite struct AdapterTests {
  static let cases = ["none", "image", "vl", "both", "gains"]
  static let folder = TinyDecoder.fixtures.appendingPathComponent("adapters")

  static func attached(to decoder: Decoder) throws -> Decoder {
    try decoder
      .attaching(adapter: "image", folder: folder.appendingPathComponent("image"))
      .attaching(adapter: "vl", folder: folder.appendingPathComponent("vl"))
  }

  static func overHuggingFace() throws -> Decoder {
    try attached(to: Decoder(folder: TinyDecoder("llama").folder))
  }

  static func overGGUF() throws -> Decoder {
    try attached(
      to: Decoder(GGUFFile(TinyDecoder.fixtures.appendingPathComponent("gguf/llama.gguf"))))
  }

  static func gains(_ values: [Float]) -> AdapterGains { AdapterGains(["image": values[0], "vl": values[1]]) }

  /// - Parameter piece: rows that go through at a time
  static func logits(
    _ decoder: Decoder, _ tokens: [Int], _ conditions: DecoderConditions, piece: Int = 40
  ) throws -> [Float] {
    var generator = Generator(decoder, conditions: conditions)
    var values: [Float] = []
    for start in stride(from: 0, to: tokens.count, by: piece) {
      let part = Array(tokens[start..<min(start + piece, tokens.count)])
      let hidden = try generator.append(
        decoder.embeddings(of: part), hiddenStatesAt: Array(part.indices))
      values += decoder.logits(hidden).values
    }
    return values
  }

  @Test(arguments: cases, [1, 40])
  func logitsAreThoseOfPEFT(name: String, piece: Int) throws {
    let tiny = try TinyDecoder("adapters")
    let gains = Self.gains(try #require(tiny.expected.gains?[name]))
    for (decoder, prefix) in [(try Self.overHuggingFace(), ""), (try Self.overGGUF(), "gguf.")] {
      let got = try Self.logits(
        decoder, tiny.expected.tokens, DecoderConditions(adapters: gains), piece: piece)
      let closeness = Closeness(got, to: try tiny.tensor(prefix + name))
      #expect(closeness.relative < 1e-3, "\(prefix)\(name): \(closeness)")
    }
  }

  @Test func adaptersThatDoNotWorkCostNothingAndChangeNothing() throws {
    let tiny = try TinyDecoder("adapters")
    let bare = try Decoder(folder: TinyDecoder("llama").folder)
    let with = try Self.logits(
      Self.overHuggingFace(), tiny.expected.tokens,
      DecoderConditions(adapters: AdapterGains(["image": 0])))
    #expect(try with == Self.logits(bare, tiny.expected.tokens, DecoderConditions()))
  }

  @Test func requestsWithOtherGainsRunSideBySide() throws {
    let tiny = try TinyDecoder("adapters")
    let decoder = try Self.overHuggingFace()
    var alone: [[Int]] = []
    let gains = try ["image", "vl"].map { Self.gains(try #require(tiny.expected.gains?[$0])) }
    func start(_ gains: AdapterGains) throws -> (Generator, Tensor) {
      var generator = Generator(decoder, conditions: DecoderConditions(adapters: gains))
      let hidden = try generator.prefill(tiny.expected.tokens).hidden
      return (generator, hidden)
    }
    for gains in gains {
      var (generator, hidden) = try start(gains)
      alone.append(try generator.generate(from: hidden, limit: 20, stops: []).tokens)
    }
    // The same two, a token of one and a token of the other.
    var requests = try gains.map(start)
    var made: [[Int]] = [[], []]
    for _ in 0..<20 {
      for index in 0..<2 {
        let token = try requests[index].0.generate(from: requests[index].1, limit: 1, stops: []).tokens[0]
        made[index].append(token)
        requests[index].0.truncate(to: requests[index].0.count - 1)
        requests[index].1 = try requests[index].0.append(
          decoder.embeddings(of: [token]), hiddenStatesAt: [0])
      }
    }
    #expect(made == alone)
    #expect(alone[0] != alone[1])
  }

  /// An adapter for the picture alone, and one that looks at crayon features, by the formula.
  @Test func scopeOfThePicture() throws {
    let decoder = try Decoder(folder: TinyDecoder("llama").folder)
    let tokens = try TinyDecoder("llama").expected.tokens
    let image = try decoder.attaching(
      adapter: "image", folder: Self.folder.appendingPathComponent("image"),
      scope: AdapterScope(tokens: .image))
    let gains = AdapterGains(["image": 1])
    let nowhere = try Self.logits(image, tokens, DecoderConditions(adapters: gains))
    #expect(try nowhere == Self.logits(decoder, tokens, DecoderConditions()))
    let everywhere = try Self.logits(image, tokens, DecoderConditions(adapters: gains, imageSpan: 0..<40))
    let whole = try TinyDecoder("adapters").tensor("image")
    #expect(Closeness(everywhere, to: whole).relative < 1e-3)
    // Rows before the picture are as without it; rows from its first on are not.
    let part = try Self.logits(image, tokens, DecoderConditions(adapters: gains, imageSpan: 10..<20))
    #expect(Closeness(part[..<(10 * 97)], to: nowhere[..<(10 * 97)]).relative < 1e-4)
    #expect(Closeness(part[(10 * 97)..<(11 * 97)], to: nowhere[(10 * 97)..<(11 * 97)]).relative > 1e-2)
    // However the rows are cut.
    let pieces = try Self.logits(
      image, tokens, DecoderConditions(adapters: gains, imageSpan: 10..<20), piece: 7)
    #expect(Closeness(pieces, to: part).relative < 1e-3)
  }

  @Test func adaptersThatDoNotFitAreNamed() throws {
    let decoder = try Decoder(folder: TinyDecoder("llama").folder)
    let image = Self.folder.appendingPathComponent("image")
    let attached = try decoder.attaching(adapter: "image", folder: image)
    #expect(throws: LanguageError.duplicateAdapter("image")) {
      try attached.attaching(adapter: "image", folder: image)
    }
    #expect(throws: LanguageError.noSuchAdapter("crayon", known: ["image"])) {
      try Self.logits(attached, [5], DecoderConditions(adapters: AdapterGains(["crayon": 1])))
    }
    // Crayon features are as wide as the stream; the inputs of down_proj are not.
    #expect(
      throws: LanguageError.adapterShape(
        adapter: "crayon", module: "model.layers.0.mlp.down_proj.lora_A", expected: [16, 64], got: [4, 96])
    ) {
      try decoder.attaching(
        adapter: "crayon", folder: image, scope: AdapterScope(tokens: .image, input: .crayon))
    }
    let other = try Decoder(folder: TinyDecoder("internlm2").folder)
    #expect {
      try other.attaching(adapter: "image", folder: image)
    } throws: { error in
      "\(error)".contains("this one has no model.layers.0.mlp.down_proj")
    }
    let tied = try Decoder(folder: TinyDecoder("llama-tied-bias").folder)
    #expect {
      try tied.attaching(adapter: "image", folder: image)
    } throws: { error in
      "\(error)".contains("self_attn.k_proj.lora_B") && "\(error)".contains("where the model needs [64, 4]")
    }
  }
}
