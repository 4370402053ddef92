import Checkpoints
import Foundation
import TestSupport
import Tokenizers

/// Small tokenizers and what their own libraries make of difficult texts.
enum TokenizerFixtures {
  struct Entry: Decodable {
    var text: String
    var plain: [Int]
    /// Where it differs from `plain`.
    var special: [Int]?
    /// Where it differs from `text`.
    var decoded: String?
  }

  static func url(_ name: String) -> URL {
    Fixtures.folder.appendingPathComponent("Tokenizers").appendingPathComponent(name)
  }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

  static func expected(_ name: String) throws -> [Entry] {
    try JSONDecoder().decode([Entry].self, from: Data(contentsOf: url(name + ".expected.json")))
  }

  static func byteLevel(_ name: String) throws -> ByteLevelBPE { try ByteLevelBPE(json: url(name + ".json")) }

  static func sentencePiece(_ name: String) throws -> SentencePieceBPE {
    try SentencePieceBPE(model: url(name + ".model"))
  }

  static func every() throws -> [(name: String, tokenizer: any Tokenizer)] {
    try ["gpt2", "digits", "prefix", "ignore"].map { ($0, try byteLevel($0)) }
      + ["llama", "bare"].map { ($0, try sentencePiece($0)) }
  }
}

extension [UInt8] {
  /// This text with the first `old` replaced.
  func replacing(_ old: String, with new: String) -> [UInt8] {
    let text = String(decoding: self, as: UTF8.self)
    return text.range(of: old).map { Array(text.replacingCharacters(in: $0, with: new).utf8) } ?? []
  }
}
