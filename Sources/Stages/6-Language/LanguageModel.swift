public import Checkpoints
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

  /// Answers a conversation.
  /// - Parameters:
  ///   - generator: keeps the context between questions of one conversation
  ///   - heard: called with every piece of text as it is made
  /// - Throws: ``LanguageError`` or `TokenizerError`
  public func answer(
    _ messages: [ChatMessage], options: AnswerOptions = AnswerOptions(), generator: inout Generator,
    heard: (String) -> Void = { _ in }
  ) throws -> Answer {
    let prompt = try template.tokens(messages, tokenizer)
    let began = ContinuousClock.now
    let (hidden, reused) = try generator.prefill(prompt)
    let prefilled = ContinuousClock.now
    var text = StoppingText(options.stops)
    var detokenizer = IncrementalDetokenizer(tokenizer)
    let generation = try generator.generate(
      from: hidden, limit: options.limit, sampling: options.sampling,
      stops: Set(try template.stopTokens(tokenizer))
    ) { token in
      let piece = text.append(detokenizer.append(token))
      if !piece.isEmpty { heard(piece) }
      return !text.isStopped
    }
    let rest = text.isStopped ? "" : text.append(detokenizer.finish()) + text.finish()
    if !rest.isEmpty { heard(rest) }
    return Answer(
      text: text.text, tokens: generation.tokens, end: generation.end, promptTokens: prompt.count,
      reusedTokens: reused, promptSeconds: (prefilled - began) / .seconds(1),
      answerSeconds: (ContinuousClock.now - prefilled) / .seconds(1))
  }
}

/// How an answer is made.
public struct AnswerOptions: Sendable {
  /// The most tokens.
  public var limit: Int
  public var sampling: Sampling
  /// Texts that end the answer and are not part of it.
  public var stops: [String]

  public init(limit: Int = 256, sampling: Sampling = Sampling(), stops: [String] = []) {
    self.limit = limit
    self.sampling = sampling
    self.stops = stops
  }
}

/// What a model has answered.
public struct Answer: Sendable {
  public var text: String
  public var tokens: [Int]
  public var end: Generation.End
  public var promptTokens: Int
  /// Of the prompt, those that were in the context already.
  public var reusedTokens: Int
  public var promptSeconds: Double
  public var answerSeconds: Double
}
