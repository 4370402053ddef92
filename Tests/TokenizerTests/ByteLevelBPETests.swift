import Testing
import Tokenizers

/// Against Hugging Face `tokenizers`.
@Suite struct ByteLevelBPETests {
  @Test(arguments: ["gpt2", "digits", "prefix", "unknown", "ignore"])
  func everyTextBecomesTheReferencesTokens(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.byteLevel(name)
    for entry in try TokenizerFixtures.expected(name) {
      let plain = tokenizer.encode(entry.text, allowingSpecial: false)
      #expect(plain == entry.plain, "\(entry.text.debugDescription)")
      #expect(
        tokenizer.encode(entry.text, allowingSpecial: true) == entry.special ?? entry.plain,
        "\(entry.text.debugDescription)")
      // Without its unknown token, which the reference writes out, there is nothing to compare.
      if name != "unknown" {
        let decoded = tokenizer.decode(plain)
        #expect(decoded.unicodeScalars.elementsEqual((entry.decoded ?? entry.text).unicodeScalars))
      }
    }
  }

  @Test func mergesAreReadAsTextAndAsPairs() throws {
    let pairs = try TokenizerFixtures.byteLevel("digits")
    let texts = try TokenizerFixtures.byteLevel("digits.merges")
    for entry in try TokenizerFixtures.expected("digits") {
      #expect(
        texts.encode(entry.text, allowingSpecial: true) == pairs.encode(entry.text, allowingSpecial: true))
    }
  }

  @Test func tokensHaveNamesAndBytes() throws {
    let tokenizer = try ByteLevelBPE(
      json: TokenizerFixtures.url("gpt2.json"), beginOfText: "<|im_start|>", endOfText: "<|im_end|>")
    #expect(tokenizer.beginOfText == 1)
    #expect(tokenizer.endOfText == 2)
    #expect(tokenizer.id(of: "<|endoftext|>") == 0)
    #expect(tokenizer.id(of: "no such token") == nil)
    #expect(tokenizer.isSpecial(0))
    #expect(tokenizer.bytes(of: 0) == [])
    let image = try #require(tokenizer.id(of: "<image>"))
    #expect(tokenizer.isSpecial(image))
    #expect(image < tokenizer.vocabularySize)
    let object = try #require(tokenizer.id(of: "<obj>"))
    #expect(!tokenizer.isSpecial(object))
    #expect(tokenizer.bytes(of: object) == Array("<obj>".utf8))
    let space = try #require(tokenizer.id(of: "Ġ"))
    #expect(tokenizer.bytes(of: space) == [0x20])
    for number in [-1, tokenizer.vocabularySize, .max, .min] {
      #expect(tokenizer.bytes(of: number) == [])
      #expect(!tokenizer.isSpecial(number))
    }
  }

  /// The values that a GGUF file holds give what the JSON file does.
  @Test func plainValuesMakeTheSameTokenizer() throws {
    let json = try TokenizerFixtures.byteLevel("digits")
    let tokenizer = try ByteLevelBPE(gguf: try Self.values("digits"))
    #expect(tokenizer.beginOfText == 1)
    for entry in try TokenizerFixtures.expected("digits") {
      #expect(tokenizer.encode(entry.text, allowingSpecial: false) == entry.plain)
      #expect(
        tokenizer.encode(entry.text, allowingSpecial: true).count
          <= json.encode(entry.text, allowingSpecial: false).count)
    }
    #expect(tokenizer.encode("<|im_end|>", allowingSpecial: true) == [2])
  }

  @Test func plainValuesThatDoNotFitAreRefused() throws {
    let good = try Self.values("digits")
    func refusal(_ change: (inout GGUFVocabulary) -> Void) -> TokenizerError? {
      var values = good
      change(&values)
      return #expect(throws: TokenizerError.self) { try ByteLevelBPE(gguf: values) }
    }
    let count = good.tokens.count
    #expect(
      refusal { $0.types.removeLast() }
        == .count(path: "x.gguf", what: "token types", expected: count, got: count - 1))
    #expect(
      refusal { $0.types[5] = 9 }
        == .unsupported(path: "x.gguf", field: "the type of token 5", value: "9"))
    #expect(
      refusal { $0.preTokenizer = "llama-bpe" }
        == .unsupported(path: "x.gguf", field: "tokenizer.ggml.pre", value: "\"llama-bpe\""))
    #expect(refusal { $0.preTokenizer = nil } == .missing(path: "x.gguf", field: "tokenizer.ggml.pre"))
    #expect(
      refusal { $0.endOfText = -1 } == .idOutsideVocabulary(path: "x.gguf", id: -1, count: count))
    #expect(refusal { $0.merges[3] = "ab" } == .malformedMerge(path: "x.gguf", rank: 3))
    #expect(refusal { $0.merges[3] = "a b c" } == .malformedMerge(path: "x.gguf", rank: 3))
    #expect(
      refusal { $0.merges[3] = "qq zz" } == .unknownInMerge(path: "x.gguf", rank: 3, token: "qqzz"))
    #expect(
      refusal { $0.tokens[7] = $0.tokens[6] }
        == .duplicateToken(path: "x.gguf", token: good.tokens[6], first: 6, second: 7))
    #expect(
      refusal {
        $0.tokens = []; $0.types = []
      } != nil)
    // Text that merges into a special token could forge it.
    let forged = try #require(good.tokens.firstIndex(of: "Ġthe"))
    let refused = refusal { $0.types[forged] = 3 }
    guard case .specialFromMerge(_, _, "Ġthe") = refused else {
      Issue.record("\(String(describing: refused))")
      return
    }
  }

  /// The small tokenizer as a GGUF file would hold it; it has no added tokens but the first three.
  private static func values(_ name: String) throws -> GGUFVocabulary {
    let file = try TokenizerFile(name)
    var values = GGUFVocabulary(path: "x.gguf", tokens: file.tokens)
    values.merges = file.merges
    values.types = file.tokens.indices.map { $0 < 3 ? 3 : 1 }
    values.preTokenizer = "smollm"
    values.beginOfText = 1
    values.endOfText = 2
    return values
  }
}
