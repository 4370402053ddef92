public import Foundation

/// Stage 6: the language model.
public struct LanguageConfiguration: Sendable {
  /// What it is, and where.
  public enum Weights: Sendable, Equatable {
    /// One GGUF file with its vocabulary.
    /// - Parameters:
    ///   - adapters: a file of adapters beside the model; nil for none
    ///   - alpha: what a pair of adapter matrices is multiplied by is this over the rank
    case gguf(URL, adapters: URL?, alpha: Float)
    /// A folder with CoLLaVO's checkpoint as it is published: `config.json`, `tokenizer.model` and the weights of the
    /// language model, the vision tower, both connectors and the crayon tables.
    case collavo(URL)
    /// A folder with NExT-Chat's checkpoint as it is published: `config.json`, `tokenizer.model` and the weights of the
    /// language model, the vision tower, the connector, the heads and SAM.
    case nextChat(URL)
  }

  private enum Kind: String, CaseIterable {
    case gguf
    case collavo
    case nextchat
  }

  /// What a further question on the same picture remembers.
  public enum Turns: String, Sendable, CaseIterable {
    /// Nothing: each question is asked as if it were the first.
    case independent
    /// All questions and answers before.
    case conversation
  }

  /// What the two adapters of Dual QLoRA are together.
  public enum Together: String, Sendable, CaseIterable {
    /// Each at its gain.
    case sum
    /// Each at half its gain where both work: each is complete alone.
    case mean
  }

  /// What it is, and where.
  public let weights: Weights
  /// How the two adapters of Dual QLoRA add up.
  public private(set) var together = Together.sum
  /// What a further question remembers.
  public let turns: Turns
  /// Tokens of an answer, where the question does not say.
  public let limit: Int

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    switch try mapping.choice("kind", Kind.self) {
    case .gguf:
      weights = .gguf(
        try mapping.weights("weights", relativeTo: file),
        adapters: try mapping.optionalWeights("adapters", relativeTo: file),
        alpha: Float(try mapping.number("alpha", in: 0.001...65536) ?? 16))
      together = try mapping.choice("together", Together.self, default: .sum)
    case .collavo: weights = .collavo(try mapping.weights("weights", relativeTo: file))
    case .nextchat: weights = .nextChat(try mapping.weights("weights", relativeTo: file))
    }
    turns = try mapping.choice("turns", Turns.self, default: .conversation)
    limit = try mapping.integer("limit", in: 1...65536) ?? 256
    try mapping.finish()
  }
}
