import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite struct RefusalTests {
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
    let folder = try TemporaryFolder()
    let file = folder.file("x")
    try Data(bytes.dropLast(length)).write(to: file)
    #expect(throws: TokenizerError.missing(path: file.path, field: part)) { try SentencePieceBPE(model: file) }
  }

  /// Beside the vocabulary of a tiny InternLM2: 420 pieces, of which the fourth and the fifth are spare.
  @Test(arguments: [
    ("added_tokens.json", #"{"<s>": 1, "<more>": 420}"#, "fits"),
    // One letter and two, which are one `String`.
    ("added_tokens.json", #"{"\u00e9": 420, "e\u0301": 421}"#, "fits"),
    ("added_tokens.json", "\u{feff}{\"<more>\": 420}", "fits"),
    ("added_tokens.json", "[]", "DIR/added_tokens.json is not an object"),
    ("added_tokens.json", "", "DIR/added_tokens.json cannot be read: it is empty"),
    (
      "added_tokens.json", #"{"": "a"}"#,
      "DIR/added_tokens.json has a \"\" that is not a whole number from 0 on"
    ),
    (
      "added_tokens.json", #"{"<s>": 1e3}"#,
      "DIR/added_tokens.json has a \"<s>\" that is not a whole number from 0 on"
    ),
    (
      "tokenizer_config.json", #"{"legacy": 1}"#,
      "DIR/tokenizer_config.json has a \"legacy\" that is not true or false"
    ),
    (
      "tokenizer_config.json", #"{"legacy": true, "legacy": true}"#,
      "DIR/tokenizer_config.json has \"legacy\" twice"
    ),
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
      "DIR/tokenizer_config.json has a \"added_tokens_decoder.+1\" that is not the number of a token"
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
    let error = #expect(throws: TokenizerError.self) {
      try SentencePieceBPE(model: URL(fileURLWithPath: "/nowhere/tokenizer.model"))
    }
    #expect(error?.description.hasPrefix("/nowhere/tokenizer.model cannot be read: ") == true)
    let folder = try TemporaryFolder()
    let file = folder.file("x")
    let longLength: [UInt8] = [0x0a] + Array(repeating: 0xff, count: 8) + [0x7f]
    for bytes in [[], Array("hello".utf8), [0], [0x0a], longLength] {
      try Data(bytes).write(to: file)
      #expect(throws: TokenizerError.self) { try SentencePieceBPE(model: file) }
    }
    #expect(throws: TokenizerError.self) { try SentencePieceBPE(model: TokenizerFixtures.url("digits.json")) }
  }

  @Test func aPointerSaysHowTheModelIsFetched() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("tokenizer.model")
    try Data("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8).write(to: file)
    let error = #expect(throws: TokenizerError.self) { try SentencePieceBPE(model: file) }
    #expect(
      error?.description
        == "\(file.path) is a Git LFS pointer, not the file itself; run `git lfs pull` in its folder")
  }

  /// Deeper than reading goes down.
  @Test func deepJSONIsRefused() throws {
    let folder = try TemporaryFolder()
    try Data(String(repeating: "[", count: 100_000).utf8).write(to: folder.file("added_tokens.json"))
    #expect(throws: TokenizerError.self) { try TokenizerNotes(folder: folder.url) }
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
      .idOutsideVocabulary(path: "x", id: 3, count: 2), .malformedMerge(path: "x", rank: 1),
      .unknownInMerge(path: "x", rank: 1, token: "t"),
      .specialFromMerge(path: "x", rank: 1, token: "t"), .notFinite(path: "x", token: 1),
      .missingByte(path: "x", byte: 1),
    ]
    for error in errors {
      #expect(error.description.hasPrefix("x "))
      #expect(!error.description.contains("\n"))
    }
  }
}
