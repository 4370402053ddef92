import Checkpoints
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite struct RefusalTests {
  /// The error for `digits.json` with a piece of its text replaced.
  private func refusal(_ old: String, _ new: String) throws -> TokenizerError? {
    let bytes = try TokenizerFixtures.bytes("digits.json").replacing(old, with: new)
    #expect(!bytes.isEmpty, "the fixture has no \(old)")
    return #expect(throws: TokenizerError.self) {
      try ByteLevelBPE(json: MappedFile(copying: bytes, path: "t.json"))
    }
  }

  @Test(arguments: [
    ("\"normalizer\":null", "\"normalizer\":{\"type\":\"NFC\"}", "normalizer", "an object of 1 fields"),
    ("\"truncation\":null", "\"truncation\":{\"max_length\":5}", "truncation", "an object of 1 fields"),
    ("\"Digits\"", "\"Whitespace\"", "pre_tokenizer.pretokenizers[0].type", "\"Whitespace\""),
    ("\"individual_digits\"", "\"digits\"", "pre_tokenizer.pretokenizers[0].digits", "true"),
    ("\"BPE\"", "\"WordPiece\"", "model.type", "\"WordPiece\""),
    ("\"dropout\":null", "\"dropout\":0.1", "model.dropout", "0.1"),
    ("\"byte_fallback\":false", "\"byte_fallback\":true", "model.byte_fallback", "true"),
    ("\"end_of_word_suffix\":null", "\"end_of_word_suffix\":\"w\"", "model.end_of_word_suffix", "\"w\""),
    ("\"single_word\":false", "\"single_word\":true", "added_tokens[0].single_word", "true"),
    ("\"version\"", "\"edition\"", "edition", "\"1.0\""),
    (
      "\"post_processor\":null", "\"post_processor\":{\"type\":\"Bert\"}", "post_processor.type", "\"Bert\""
    ),
  ])
  func whatIsNotDoneIsNamed(_ old: String, _ new: String, _ field: String, _ value: String) throws {
    #expect(try refusal(old, new) == .unsupported(path: "t.json", field: field, value: value))
  }

  @Test func damagedJSONIsRefused() throws {
    #expect(try refusal("\"model\"", "\"modal\"") != nil)
    #expect(
      try refusal("\"id\":1", "\"id\":99999")
        == .duplicateToken(path: "t.json", token: "<|im_start|>", first: 1, second: 99999))
    #expect(try refusal("\"id\":1", "\"id\":-1") != nil)
    #expect(try refusal("\"!\":3", "\"!\":4") == .duplicateID(path: "t.json", id: 4))
    #expect(try refusal("\"!\":3,", "\"!\":1e3,") != nil)
    #expect(try refusal("\"!\":3", "\"\":3") == .emptyToken(path: "t.json", token: 3))
    #expect(try refusal("\"special\":true", "\"special\":1") != nil)
    #expect(
      try refusal("\"dropout\":null", "\"type\":\"BPE\"")
        == .duplicateField(path: "t.json", field: "model.type"))
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: TokenizerError.self) {
      try ByteLevelBPE(json: MappedFile(copying: Array(deep.utf8), path: "t.json"))
    }
  }

  @Test func missingSpecialTokensAreNamed() {
    let url = TokenizerFixtures.url("digits.json")
    #expect(throws: TokenizerError.unknownToken(path: url.path, field: "the begin of text", token: "<s>")) {
      try ByteLevelBPE(json: url, beginOfText: "<s>")
    }
  }

  @Test func otherModelsAreNamed() {
    let url = TokenizerFixtures.url("unigram.model")
    #expect(
      throws: TokenizerError.unsupported(path: url.path, field: "trainer_spec.model_type", value: "unigram")
    ) { try SentencePieceBPE(model: url) }
  }

  /// Cut between two of its parts, so that all that is left can be read.
  @Test(arguments: [(16, 0x1a, "normalizer_spec"), (34, 0x12, "trainer_spec")])
  func aModelFileThatIsCutShort(length: Int, tag: Int, part: String) throws {
    let bytes = try TokenizerFixtures.bytes("llama.model")
    try #require(Int(bytes[bytes.count - length]) == tag)
    #expect(throws: TokenizerError.missing(path: "x", field: part)) {
      try SentencePieceBPE(model: MappedFile(copying: Array(bytes.dropLast(length)), path: "x"))
    }
  }

  /// Beside the vocabulary of a tiny InternLM2: 420 pieces, of which the fourth and the fifth are spare.
  @Test(arguments: [
    ("added_tokens.json", #"{"<s>": 1, "<more>": 420}"#, "fits"),
    // One letter and two, which are one `String`.
    ("added_tokens.json", #"{"\u00e9": 420, "e\u0301": 421}"#, "fits"),
    ("added_tokens.json", "[]", "DIR/added_tokens.json has a beginning that is not an object"),
    (
      "tokenizer_config.json",
      #"{"added_tokens_decoder": {"3": {"content": "<|im_end|>"}, "4": {"content": "<|im_start|>"}}}"#, "fits"
    ),
    (
      "tokenizer_config.json", #"{"added_tokens_decoder": {"5": {"content": "<|im_end|>"}}}"#,
      "DIR/tokenizer_config.json gives the token \"<|im_end|>\" the number 5, but tokenizer.model has another token "
        + "there; one of the files is another model's"
    ),
    (
      "tokenizer_config.json", #"{"added_tokens_decoder": {"+1": {"content": "<s>"}}}"#,
      "DIR/tokenizer_config.json has a added_tokens_decoder.+1 that is not the number of a token"
    ),
    (
      "tokenizer_config.json",
      #"{"added_tokens_decoder": {"1": {"content": "<s>", "normalized": true, "lstrip": false}}}"#, "fits"
    ),
    (
      "tokenizer_config.json", #"{"added_tokens_decoder": {"1": {"content": "<s>", "rstrip": true}}}"#,
      "DIR/tokenizer_config.json asks for added_tokens_decoder.1.rstrip (of \"<s>\") true, which crayon does not do; "
        + "it would give wrong tokens"
    ),
  ])
  func filesBesideAVocabulary(file: String, text: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.file(file))
    let vocabulary = try SentencePieceBPE(
      model: CoLLaVO.file("tokenizer.model"), special: ["[UNUSED_TOKEN_145]", "[UNUSED_TOKEN_146]"],
      isLegacy: false)
    do {
      try TokenizerNotes(folder: folder.url).check(vocabulary)
      #expect(sentence == "fits")
    } catch {
      #expect("\(error)".replacingOccurrences(of: folder.url.path, with: "DIR") == sentence)
    }
  }

  @Test func otherFilesAreRefused() throws {
    let nowhere = URL(fileURLWithPath: "/nowhere/tokenizer.json")
    for error in [
      #expect(throws: TokenizerError.self) { try ByteLevelBPE(json: nowhere) },
      #expect(throws: TokenizerError.self) { try SentencePieceBPE(model: nowhere) },
    ] {
      #expect(error?.description.hasPrefix("/nowhere/tokenizer.json cannot be read: ") == true)
    }
    let longLength: [UInt8] = [0x0a] + Array(repeating: 0xff, count: 8) + [0x7f]
    for bytes in [[], Array("hello".utf8), [0], [0x0a], longLength] {
      #expect(throws: TokenizerError.self) {
        try SentencePieceBPE(model: MappedFile(copying: bytes, path: "x"))
      }
      #expect(throws: TokenizerError.self) { try ByteLevelBPE(json: MappedFile(copying: bytes, path: "x")) }
    }
    // Each kind of file given for the other.
    #expect(throws: TokenizerError.self) { try SentencePieceBPE(model: TokenizerFixtures.url("digits.json")) }
    #expect(throws: TokenizerError.self) { try ByteLevelBPE(json: TokenizerFixtures.url("llama.model")) }
  }

  @Test func everyErrorIsASentence() {
    let errors: [TokenizerError] = [
      .notProtobuf(path: "x", offset: 3), .missing(path: "x", field: "f"),
      .wrongKind(path: "x", field: "f", expected: "text"), .duplicateField(path: "x", field: "f"),
      .unsupported(path: "x", field: "f", value: "v"), .count(path: "x", what: "w", expected: 1, got: 2),
      .emptyVocabulary(path: "x"), .tooManyTokens(path: "x", count: 2, limit: 1),
      .notUTF8(path: "x", token: 1),
      .tokenTooLong(path: "x", token: 1, length: 3, limit: 2), .emptyToken(path: "x", token: 1),
      .duplicateToken(path: "x", token: "t", first: 1, second: 2), .duplicateID(path: "x", id: 1),
      .idOutsideVocabulary(path: "x", id: 3, count: 2), .unknownToken(path: "x", field: "f", token: "t"),
      .malformedMerge(path: "x", rank: 1), .unknownInMerge(path: "x", rank: 1, token: "t"),
      .specialFromMerge(path: "x", rank: 1, token: "t"), .notFinite(path: "x", token: 1),
      .missingByte(path: "x", byte: 1),
    ]
    for error in errors {
      #expect(error.description.hasPrefix("x "))
      #expect(!error.description.contains("\n"))
    }
  }
}
