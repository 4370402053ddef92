import Foundation
import TestSupport
import Testing
import Tokenizers

/// Damaged files are refused or give a tokenizer that works, but never crash or hang.
///
/// 2000 mutants by default; `CRAYON_FUZZ=100000` runs as many as it says.
@Suite(.serialized) struct FuzzTests {
  static let count = ProcessInfo.processInfo.environment["CRAYON_FUZZ"].flatMap(Int.init) ?? 2000
  private static let text = " The cat's  12 cups\n<|im_end|><image> é猫😀\u{0} "

  /// - Parameter open: reads a mutant, which lies in a file, and uses what it says
  private func fuzz(
    _ seeds: [[UInt8]], salt: UInt64, file name: String, _ open: (_ file: URL, _ index: Int) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    let file = folder.file(name)
    let tally = try FuzzTally(seeds, count: Self.count / 2, salt: salt) {
      try Data($0).write(to: file)
    } open: { _, index in
      try open(file, index)
    } isRefusal: { error in
      (error as? TokenizerError)?.description.isEmpty == false
    }
    print("\(salt): \(tally.opened) made, \(tally.refused) refused, slowest \(tally.slowest)")
    #expect(tally.unexpected.isEmpty)
    #expect(tally.slowest < .seconds(2))
    // A fuzzer that opens nothing, or everything, tests nothing.
    #expect(tally.opened > 0 && tally.refused > tally.opened / 10)
  }

  private func use(_ tokenizer: some Tokenizer, _ index: Int) {
    let tokens = tokenizer.encode(Self.text)
    #expect(tokens.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) }, "mutant \(index)")
    _ = tokenizer.decode(tokens)
    for template in ChatTemplate.allCases {
      _ = try? template.tokens([ChatMessage(.user, Self.text)], tokenizer)
    }
  }

  @Test func models() throws {
    let seeds = try ["llama.model", "bare.model", "trimmed.model"].map(TokenizerFixtures.bytes)
    try fuzz(seeds, salt: 2, file: "tokenizer.model") { file, index in
      use(try SentencePieceBPE(model: file, added: [AddedToken("<image>", id: 3)]), index)
    }
  }

  /// What a GGUF file holds, a line each: tokens with their types, an empty line, merges. Nearly every change to a
  /// vocabulary breaks it; in few words more changes go unseen.
  @Test func values() throws {
    let large = try GGUFVocabulary(fixture: "digits")
    let tokens = zip(large.types, large.tokens).map { "\($0) \($1)" }
    let small = "3 <|im_end|>\n3 <|im_start|>\n1 a\n1 t\n1 Ġ\n1 at\n1 Ġat\n1 1\n1 2\n4 c\n\na t\nĠ at"
    let seeds = [(tokens + [""] + large.merges).joined(separator: "\n"), small].map { Array($0.utf8) }
    try fuzz(seeds, salt: 1, file: "values") { file, index in
      let lines = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
      let parts = lines.split(separator: "", maxSplits: 1).map(Array.init)
      let entries = (parts.first ?? []).map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
      var values = GGUFVocabulary(path: "x.gguf", tokens: entries.map { $0.count > 1 ? $0[1] : "" })
      values.types = entries.map { Int($0.first ?? "") ?? 0 }
      values.merges = parts.dropFirst().joined().map(String.init)
      values.preTokenizer = "smollm"
      use(try ByteLevelBPE(gguf: values), index)
    }
  }

  /// The files beside a vocabulary.
  @Test(arguments: [
    (
      "tokenizer_config.json",
      #"{"legacy": false, "added_tokens_decoder": {"900": {"content": "<image>", "lstrip": false}}, "x": [1, {}]}"#
    ),
    ("added_tokens.json", "{\n  \"<image>\": 900,\n  \"<s>\": 1\n}\n"),
  ])
  func notes(name: String, text: String) throws {
    let vocabulary = try TokenizerFixtures.sentencePiece("bare")
    try fuzz([Array(text.utf8)], salt: 3, file: name) { file, index in
      let added = try TokenizerNotes(folder: file.deletingLastPathComponent())
        .added(["<image>"], behind: vocabulary)
      #expect(added.contains { $0.content == "<image>" }, "mutant \(index)")
    }
  }
}
