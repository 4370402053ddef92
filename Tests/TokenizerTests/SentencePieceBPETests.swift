import Testing
import Tokenizers

/// Against SentencePiece.
@Suite struct SentencePieceBPETests {
  @Test(arguments: ["llama", "bare", "trimmed"])
  func everyTextBecomesTheReferencesTokens(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.sentencePiece(name)
    for entry in try TokenizerFixtures.expected(name) {
      let plain = tokenizer.encode(entry.text)
      #expect(plain == entry.plain, "\(entry.text.debugDescription)")
      let decoded = tokenizer.decode(entry.plain)
      var expected = Substring(entry.decoded ?? entry.text)
      // The sign of the unknown token starts with a space, which only SentencePiece keeps at the start.
      if tokenizer.leadingSpacesToDrop == .max { expected = expected.drop { $0 == " " } }
      #expect(
        decoded.unicodeScalars.elementsEqual(expected.unicodeScalars),
        "\(entry.text.debugDescription) \(decoded.debugDescription)")
    }
  }

  @Test func tokensHaveNamesAndBytes() throws {
    let tokenizer = try TokenizerFixtures.sentencePiece("bare")
    #expect(tokenizer.beginOfText == 1)
    #expect(tokenizer.vocabularySize == 900)
    let letter = try #require(tokenizer.id(of: "<0x41>"))
    #expect(tokenizer.bytes(of: letter) == [0x41])
    #expect(tokenizer.isSpecial(1) && tokenizer.bytes(of: 1) == [])
    #expect(!tokenizer.isSpecial(letter))
    let word = try #require(tokenizer.id(of: "▁the"))
    #expect(tokenizer.bytes(of: word) == Array(" the".utf8))
    for number in [-1, tokenizer.vocabularySize, .max, .min] {
      #expect(tokenizer.bytes(of: number) == [])
      #expect(!tokenizer.isSpecial(number))
    }
  }

  @Test func noTextGivesControlTokens() throws {
    let tokenizer = try TokenizerFixtures.sentencePiece("bare")
    let end = try #require(tokenizer.id(of: "<|im_end|>"))
    #expect(!tokenizer.encode("the cat<|im_end|> the").contains(end))
  }

  @Test func addedTokensGoOnWhereTheFileEnds() throws {
    let url = TokenizerFixtures.url("llama.model")
    let added = [AddedToken("<image>", id: 1000), AddedToken("<box>", id: 1001)]
    let plain = try SentencePieceBPE(model: url)
    let legacy = try SentencePieceBPE(model: url, added: added)
    let modern = try SentencePieceBPE(model: url, added: added, isLegacy: false)
    #expect(legacy.vocabularySize == 1002)
    #expect(legacy.bytes(of: 1000) == [])
    #expect(legacy.id(of: "<box>") == 1001)

    let parts: [PromptPart] = [.text("a"), .token(1000), .text("the cat")]
    let first = plain.encode("a")
    let second = plain.encode("the cat")
    #expect(legacy.encode(parts) == first + [1000] + second)
    // Without the space in front, "the" is another token.
    let unprefixed = modern.encode(parts)
    #expect(unprefixed != first + [1000] + second)
    #expect(unprefixed.starts(with: first + [1000]))
    #expect(modern.decode(unprefixed) == "athe cat")
    for tokenizer in [legacy, modern] {
      let text = "a<image>the cat"
      let forged = tokenizer.encode(text)
      #expect(!forged.contains(1000))
      #expect(tokenizer.decode(forged) == text)
    }

    #expect(throws: TokenizerError.idOutsideVocabulary(path: url.path, id: 1001, count: 1001)) {
      try SentencePieceBPE(model: url, added: [AddedToken("<image>", id: 1001)])
    }
    #expect(throws: TokenizerError.duplicateID(path: url.path, id: 1000)) {
      try SentencePieceBPE(
        model: url, added: [AddedToken("<image>", id: 1000), AddedToken("<box>", id: 1000)])
    }
    let the = try #require(plain.id(of: "▁the"))
    #expect(throws: TokenizerError.duplicateToken(path: url.path, token: "▁the", first: the, second: 1000)) {
      try SentencePieceBPE(model: url, added: [AddedToken("▁the", id: 1000)])
    }
  }

  /// Against Hugging Face `tokenizers`, set up as for Llama.
  @Test func textBehindAddedTokensIsAsHuggingFaceHasIt() throws {
    let url = TokenizerFixtures.url("llama.model")
    let added = [AddedToken("<image>", id: 1000)]
    let legacy = try SentencePieceBPE(model: url, added: added)
    let modern = try SentencePieceBPE(model: url, added: added, isLegacy: false)
    let names = ["<s>", "</s>", "<image>"]
    for entry in try TokenizerFixtures.expected("llama.image") {
      #expect(legacy.encode(entry.text, with: names) == entry.legacy, "\(entry.text.debugDescription)")
      #expect(modern.encode(entry.text, with: names) == entry.plain, "\(entry.text.debugDescription)")
    }
  }

  /// As InternLM2 has its `<|im_start|>`: a user-defined piece under another name.
  @Test func aSpecialTokenOverAUserDefinedPieceCannotBeWritten() throws {
    let url = TokenizerFixtures.url("bare.model")
    let plain = try SentencePieceBPE(model: url)
    let piece = try #require(plain.id(of: "<obj>"))
    #expect(plain.encode("a<obj>b").contains(piece))
    let tokenizer = try SentencePieceBPE(model: url, added: [AddedToken("<|plugin|>", id: piece)])
    #expect(tokenizer.id(of: "<|plugin|>") == piece)
    #expect(tokenizer.id(of: "<obj>") == nil)
    #expect(tokenizer.isSpecial(piece))
    for text in ["a<obj>b", "a<|plugin|>b"] {
      #expect(!tokenizer.encode(text).contains(piece))
    }
  }

  @Test func plainValuesThatDoNotFitAreRefused() throws {
    var values = GGUFVocabulary(path: "x.gguf", tokens: ["<unk>", "▁", "a", "▁a"])
    values.types = [2, 1, 1, 1]
    values.scores = [0, -2, -3, -1]
    #expect(try SentencePieceBPE(gguf: values).encode("a a") == [3, 3])
    func refusal(_ change: (inout GGUFVocabulary) -> Void) -> TokenizerError? {
      var bad = values
      change(&bad)
      return #expect(throws: TokenizerError.self) { try SentencePieceBPE(gguf: bad) }
    }
    #expect(
      refusal { $0.scores.removeLast() }
        == .count(path: "x.gguf", what: "token scores", expected: 4, got: 3))
    #expect(refusal { $0.scores[2] = .nan } == .notFinite(path: "x.gguf", token: 2))
    #expect(refusal { $0.tokens[1] = "" } == .emptyToken(path: "x.gguf", token: 1))
    #expect(refusal { $0.types[0] = 3 } == .missing(path: "x.gguf", field: "token for unknown text"))
    #expect(
      refusal { $0.types[2] = 2 }
        == .count(path: "x.gguf", what: "tokens for unknown text", expected: 1, got: 2))
    #expect(
      refusal { $0.types[3] = 5 }
        == .unsupported(path: "x.gguf", field: "the type of token 3", value: "unused"))
    #expect(
      refusal { $0.types[3] = 6 }
        == .unsupported(path: "x.gguf", field: "a byte piece", value: "\"▁a\""))
    #expect(
      refusal {
        $0.tokens[3] = "<0x41>"; $0.types[3] = 6
      } == .missingByte(path: "x.gguf", byte: 0))
    #expect(
      refusal { $0.tokens[3] = String(repeating: "a", count: 1025) }
        == .tokenTooLong(path: "x.gguf", token: 3, length: 1025, limit: 1024))
  }
}
