import Foundation
public import Tokenizers

extension GGUFVocabulary {
  private struct File: Decodable {
    struct Model: Decodable {
      var vocab: [String: Int]
      var merges: [[String]]
    }
    var model: Model
  }

  /// The values of a small vocabulary that Hugging Face `tokenizers` made, as a GGUF file would hold them: of `gpt2`, or of
  /// `digits` or `partial`, which take digits one by one. Its first three tokens are special.
  public init(fixture name: String) throws {
    let file = Fixtures.folder.appendingPathComponent("Tokenizers/\(name).json")
    let model = try JSONDecoder().decode(File.self, from: Data(contentsOf: file)).model
    self.init(path: "x.gguf", tokens: model.vocab.sorted { $0.value < $1.value }.map(\.key))
    merges = model.merges.map { $0.joined(separator: " ") }
    types = tokens.indices.map { $0 < 3 ? 3 : 1 }
    preTokenizer = name == "gpt2" ? "gpt-2" : "smollm"
  }
}

extension Tokenizer {
  /// The text of tokens, all at once.
  public func decode(_ tokens: some Sequence<Int>) -> String {
    var detokenizer = IncrementalDetokenizer(self)
    var text = ""
    for token in tokens { text += detokenizer.append(token) }
    return text + detokenizer.finish()
  }
}
