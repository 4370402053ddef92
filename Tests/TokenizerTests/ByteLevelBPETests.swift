import TestSupport
import Testing
import Tokenizers

/// Against Hugging Face `tokenizers`.
@Suite struct ByteLevelBPETests {
  /// `partial` has no tokens for some bytes, which are lost.
  @Test(arguments: ["gpt2", "digits", "partial"])
  func everyTextBecomesTheReferencesTokens(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.byteLevel(name)
    for entry in try TokenizerFixtures.expected(name) {
      let plain = tokenizer.encode(entry.text)
      #expect(plain == entry.plain, "\(entry.text.debugDescription)")
      let decoded = tokenizer.decode(plain)
      #expect(decoded.unicodeScalars.elementsEqual((entry.decoded ?? entry.text).unicodeScalars))
    }
  }

  @Test func tokensHaveNamesAndBytes() throws {
    var values = try GGUFVocabulary(fixture: "gpt2")
    values.tokens += ["<image>", "<obj>"]
    values.types += [3, 4]
    values.beginOfText = 1
    let tokenizer = try ByteLevelBPE(gguf: values)
    #expect(tokenizer.beginOfText == 1)
    #expect(tokenizer.vocabularySize == 1002)
    #expect(tokenizer.id(of: "<|endoftext|>") == 0)
    #expect(tokenizer.id(of: "no such token") == nil)
    #expect(tokenizer.isSpecial(0))
    #expect(tokenizer.bytes(of: 0) == [])
    #expect(tokenizer.id(of: "<image>") == 1000 && tokenizer.isSpecial(1000))
    #expect(tokenizer.id(of: "<obj>") == 1001 && !tokenizer.isSpecial(1001))
    #expect(tokenizer.bytes(of: 1001) == Array("<obj>".utf8))
    let space = try #require(tokenizer.id(of: "Ġ"))
    #expect(tokenizer.bytes(of: space) == [0x20])
    for number in [-1, tokenizer.vocabularySize, .max, .min] {
      #expect(tokenizer.bytes(of: number) == [])
      #expect(!tokenizer.isSpecial(number))
    }
  }

  @Test func plainValuesThatDoNotFitAreRefused() throws {
    let good = try GGUFVocabulary(fixture: "digits")
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
      refusal { $0.beginOfText = -1 } == .idOutsideVocabulary(path: "x.gguf", id: -1, count: count))
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
}
