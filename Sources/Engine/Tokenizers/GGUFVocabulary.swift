/// What a GGUF file says of its tokenizer, as plain values.
public struct GGUFVocabulary: Sendable {
  /// What messages call it: the path of the file.
  public var path: String
  /// `tokenizer.ggml.tokens`
  public var tokens: [String]
  /// `tokenizer.ggml.merges`, for byte-level vocabularies
  public var merges: [String] = []
  /// `tokenizer.ggml.scores`, for SentencePiece vocabularies
  public var scores: [Float] = []
  /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte. Without
  /// any, all are normal.
  public var types: [Int] = []
  /// `tokenizer.ggml.pre`, for byte-level vocabularies
  public var preTokenizer: String?
  /// `tokenizer.ggml.bos_token_id`
  public var beginOfText: Int?
  /// `tokenizer.ggml.eos_token_id`
  public var endOfText: Int?
  /// `tokenizer.ggml.add_space_prefix`, for SentencePiece vocabularies
  public var addsSpacePrefix = true
  /// `tokenizer.ggml.remove_extra_whitespaces`, for SentencePiece vocabularies
  public var removesExtraSpaces = false

  /// A vocabulary of normal tokens; the other properties are set afterwards.
  public init(path: String, tokens: [String]) {
    self.path = path
    self.tokens = tokens
  }
}

extension GGUFVocabulary {
  /// The type of every token.
  /// - Throws: ``TokenizerError`` when there are not as many types as tokens, or one is unknown.
  func checkedTypes() throws -> [TokenType] {
    if types.isEmpty { return Array(repeating: .normal, count: tokens.count) }
    guard types.count == tokens.count else {
      throw TokenizerError.count(path: path, what: "token types", expected: tokens.count, got: types.count)
    }
    return try types.enumerated().map { token, number in
      guard let type = TokenType(rawValue: number) else {
        throw TokenizerError.unsupported(path: path, field: "the type of token \(token)", value: "\(number)")
      }
      return type
    }
  }

  func checkSpecials() throws {
    for token in [beginOfText, endOfText] {
      if let token, !tokens.indices.contains(token) {
        throw TokenizerError.idOutsideVocabulary(path: path, id: token, count: tokens.count)
      }
    }
  }
}
