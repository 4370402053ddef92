public import Checkpoints
public import CrayonCore
public import Foundation
public import Tokenizers

/// A decoder with its tokenizer and the way it was trained to read conversations.
public struct LanguageModel: Sendable {
  /// The network.
  public let decoder: Decoder
  /// From text to its tokens and back.
  public let tokenizer: any Tokenizer
  /// How it reads conversations in words alone.
  public let template: ChatTemplate

  /// - Parameters:
  ///   - decoder: with a row for every token of the tokenizer, or more
  ///   - tokenizer: of the decoder's vocabulary
  ///   - template: how the decoder was trained to read conversations in words alone
  ///   - name: for messages, such as the file's path
  /// - Throws: ``LanguageError/vocabularyMismatch(file:tokenizer:model:)``
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
  ///   - messages: the whole conversation, up to the question to answer
  ///   - options: the most tokens, how each is chosen, and texts that end the answer
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

extension LanguageModel {
  /// The tokens that NExT-Chat's authors add behind Vicuna's, in this order where no file says another.
  public static let nextChatTokens = ["<im_patch>", "<im_start>", "<im_end>", "<at>", "<boxes>"]

  /// The language model of a NExT-Chat checkpoint: a Llama, whose vocabulary has ``nextChatTokens`` at its end. Their
  /// numbers, and how a text behind one of them starts, are those of `added_tokens.json` and `tokenizer_config.json`
  /// beside the vocabulary, where these are there.
  /// - Parameters:
  ///   - config: the checkpoint's `config.json`
  ///   - weights: all of the checkpoint, of which other parts of the model are made too; the caller makes sure
  ///     that nothing is left over
  ///   - vocabulary: Vicuna's `tokenizer.model`
  /// - Throws: `CheckpointError`, `TokenizerError` or ``LanguageError`` naming the file and what is wrong.
  public init(nextChat config: URL, _ weights: WeightReader, vocabulary: URL) throws {
    let decoder = try Decoder(nextChat: config, weights)
    let bare = try SentencePieceBPE(model: vocabulary)
    let notes = try TokenizerNotes(folder: vocabulary.deletingLastPathComponent())
    try self.init(
      decoder,
      tokenizer: SentencePieceBPE(
        model: vocabulary, added: try notes.added(Self.nextChatTokens, behind: bare),
        // Vicuna's own.
        isLegacy: notes.isLegacy ?? false),
      template: .vicuna, name: config.path)
  }
}

extension Decoder {
  /// The Llama of a NExT-Chat checkpoint.
  init(nextChat config: URL, _ weights: WeightReader) throws {
    try self.init(try PublishedDecoder(config, by: .nextChat), weights)
    weights.passOver(["model.layers.{n}.self_attn.rotary_emb.inv_freq": "computed from the base"])
  }
}

extension GGUFVocabulary {
  /// What a GGUF file says of its tokenizer. What its kind cannot do without is required: without merges a byte-level
  /// vocabulary would still make tokens of any text, and other ones than the model knows.
  /// - Throws: `CheckpointError.wrongMetadata`
  init(_ file: GGUFFile) throws {
    let metadata = file.metadata
    guard case .strings(let tokens) = metadata["tokenizer.ggml.tokens"] else {
      throw CheckpointError.wrongMetadata(
        path: file.file.path, key: "tokenizer.ggml.tokens", expected: "a list of texts")
    }
    self.init(path: file.file.path, tokens: tokens)
    func required(_ key: String, _ expected: String) -> CheckpointError {
      .wrongMetadata(path: file.file.path, key: key, expected: expected)
    }
    if case .string("gpt2") = metadata["tokenizer.ggml.model"] {
      guard case .strings(let merges) = metadata["tokenizer.ggml.merges"], !merges.isEmpty else {
        throw required("tokenizer.ggml.merges", "a list of texts")
      }
      self.merges = merges
    } else {
      guard case .floats(let scores) = metadata["tokenizer.ggml.scores"] else {
        throw required("tokenizer.ggml.scores", "a list of numbers")
      }
      self.scores = scores
    }
    guard case .integers(let types) = metadata["tokenizer.ggml.token_type"] else {
      throw required("tokenizer.ggml.token_type", "a list of whole numbers")
    }
    self.types = types.map { Int($0) }
    if case .string(let kind) = metadata["tokenizer.ggml.pre"] { preTokenizer = kind }
    if case .unsigned(let id) = metadata["tokenizer.ggml.bos_token_id"] { beginOfText = Int(exactly: id) }
    if case .bool(let value) = metadata["tokenizer.ggml.add_space_prefix"] { addsSpacePrefix = value }
    if case .bool(let value) = metadata["tokenizer.ggml.remove_extra_whitespaces"] {
      removesExtraSpaces = value
    }
  }
}
