import Checkpoints
public import CrayonCore
public import Foundation
public import Tokenizers

/// A decoder with its tokenizer and the way it was trained to read conversations.
public struct LanguageModel: Sendable {
  public let decoder: Decoder
  public let tokenizer: any Tokenizer
  public let template: ChatTemplate

  /// - Throws: ``LanguageError/vocabularyMismatch(file:tokenizer:model:)``
  /// - Parameter name: for messages, such as the file's path
  public init(_ decoder: Decoder, tokenizer: any Tokenizer, template: ChatTemplate, name: String) throws {
    // A model may have more rows than its tokenizer has tokens, for even sizes; never fewer.
    guard tokenizer.vocabularySize <= decoder.configuration.vocabulary else {
      throw LanguageError.vocabularyMismatch(
        file: name, tokenizer: tokenizer.vocabularySize, model: decoder.configuration.vocabulary)
    }
    self.decoder = decoder
    self.tokenizer = tokenizer
    self.template = template
  }

  /// A model in one GGUF file, which also holds its vocabulary.
  /// - Throws: `CheckpointError`, `TokenizerError` or ``LanguageError``
  public init(gguf url: URL, template: ChatTemplate) throws {
    let file = try GGUFFile(url)
    let vocabulary = try GGUFVocabulary(file)
    let tokenizer: any Tokenizer
    switch file.metadata["tokenizer.ggml.model"] {
    case .string("gpt2"): tokenizer = try ByteLevelBPE(gguf: vocabulary)
    case .string("llama"): tokenizer = try SentencePieceBPE(gguf: vocabulary)
    default:
      throw CheckpointError.wrongMetadata(
        path: url.path, key: "tokenizer.ggml.model", expected: "gpt2 or llama")
    }
    try self.init(try Decoder(file), tokenizer: tokenizer, template: template, name: url.path)
    guard tokenizer.vocabularySize == decoder.configuration.vocabulary else {
      throw LanguageError.vocabularyMismatch(
        file: url.path, tokenizer: tokenizer.vocabularySize, model: decoder.configuration.vocabulary)
    }
  }

  /// With another decoder of the same vocabulary: one that has adapters.
  public func replacing(_ decoder: Decoder) throws -> LanguageModel {
    try LanguageModel(decoder, tokenizer: tokenizer, template: template, name: "the decoder")
  }

  /// Answers a conversation in words alone.
  /// - Parameters:
  ///   - generator: keeps the context between questions of one conversation
  ///   - heard: called with every piece of text as it is made
  /// - Throws: ``LanguageError`` or `TokenizerError`
  public func answer(
    _ messages: [ChatMessage], options: AnswerOptions = AnswerOptions(), generator: inout Generator,
    heard: (String) -> Void = { _ in }
  ) throws -> Reply {
    let prompt = try template.tokens(messages, tokenizer)
    let writer = ReplyWriter(
      tokenizer: tokenizer, options: options, stops: Set(try template.stopTokens(tokenizer)), trigger: nil)
    return try writer.write(&generator, promptTokens: prompt.count, heard: heard) { try $0.prefill(prompt) }
  }
}
