import Foundation
import TestSupport
import Tokenizers

/// Small tokenizers and what their own libraries make of difficult texts.
enum TokenizerFixtures {
  struct Entry: Decodable {
    var text: String
    var plain: [Int]
    /// Of `llama.image`, by Hugging Face's older way.
    var legacy: [Int]?
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

  static func byteLevel(_ name: String) throws -> ByteLevelBPE { try ByteLevelBPE(gguf: .init(fixture: name)) }

  static func sentencePiece(_ name: String) throws -> SentencePieceBPE {
    try SentencePieceBPE(model: url(name + ".model"))
  }

  static func every() throws -> [(name: String, tokenizer: any Tokenizer)] {
    try ["gpt2", "digits"].map { ($0, try byteLevel($0)) }
      + ["llama", "bare"].map { ($0, try sentencePiece($0)) }
  }
}

extension Tokenizer {
  /// The tokens of a text in which some are written out by their names.
  func encode(_ text: String, with names: [String]) -> [Int] {
    var parts: [PromptPart] = []
    var rest = text[...]
    while true {
      let found = names.compactMap { name -> (range: Range<String.Index>, token: Int)? in
        guard let range = rest.range(of: name, options: .literal), let token = id(of: name) else { return nil }
        return (range, token)
      }
      guard let first = found.min(by: { $0.range.lowerBound < $1.range.lowerBound }) else { break }
      parts += [.text(String(rest[..<first.range.lowerBound])), .token(first.token)]
      rest = rest[first.range.upperBound...]
    }
    return encode(parts + [.text(String(rest))])
  }
}
