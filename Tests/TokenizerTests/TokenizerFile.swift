import Foundation

/// The plain values of a `tokenizer.json`, read in another way than the module's.
struct TokenizerFile: Decodable {
  private struct Model: Decodable {
    var vocab: [String: Int]
    var merges: [[String]]
  }

  private let model: Model

  init(_ name: String) throws {
    self = try JSONDecoder().decode(
      TokenizerFile.self, from: Data(contentsOf: TokenizerFixtures.url(name + ".json")))
  }

  var tokens: [String] { model.vocab.sorted { $0.value < $1.value }.map(\.key) }
  var merges: [String] { model.merges.map { $0.joined(separator: " ") } }
}
