import Checkpoints
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

  private func fuzz<Made: Tokenizer>(
    _ seeds: [[UInt8]], salt: UInt64, _ make: (MappedFile) throws -> Made
  ) throws {
    let tally = try FuzzTally(seeds, count: Self.count / 2, salt: salt) {
      MappedFile(copying: $0, path: "mutant")
    } open: { file, index in
      try use(make(file), index)
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
    for allowingSpecial in [false, true] {
      let tokens = tokenizer.encode(Self.text, allowingSpecial: allowingSpecial)
      #expect(tokens.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) }, "mutant \(index)")
      _ = tokenizer.decode(tokens)
    }
    for template in ChatTemplate.allCases {
      _ = try? template.tokens([ChatMessage(.user, Self.text)], tokenizer)
    }
  }

  @Test func jsonFiles() throws {
    let names = ["digits.json", "unknown.json", "gpt2.json", "digits.merges.json"]
    try fuzz(names.map(TokenizerFixtures.bytes), salt: 1) { try ByteLevelBPE(json: $0) }
  }

  /// Nearly every change to a vocabulary breaks it. In these few words more changes go unseen, or reach what
  /// is not vocabulary.
  @Test func smallJSONFiles() throws {
    let small = """
      {"version":"1.0","added_tokens":[{"id":6,"content":"<|im_end|>","lstrip":true,"rstrip":true,"special":true},
      {"id":7,"content":"c","special":false}],"pre_tokenizer":{"type":"Sequence","pretokenizers":[
      {"type":"Digits","individual_digits":false},{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}]},
      "decoder":{"type":"ByteLevel"},"model":{"type":"BPE","unk_token":"a","fuse_unk":true,"ignore_merges":false,
      "vocab":{"a":0,"t":1,"Ġ":2,"at":3,"Ġat":4,"1":5},"merges":[["a","t"],"Ġ at"]}}
      """
    try fuzz([Array(small.utf8)], salt: 3) { try ByteLevelBPE(json: $0) }
  }

  @Test func models() throws {
    let seeds = try ["llama.model", "bare.model", "trimmed.model"].map(TokenizerFixtures.bytes)
    try fuzz(seeds, salt: 2) {
      try SentencePieceBPE(model: $0, added: [AddedToken("<image>", id: 3, isSpecial: false)])
    }
  }
}
