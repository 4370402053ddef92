/// Byte pair encoding over bytes, as of GPT-2 and SmolLM2.
///
/// Follows Hugging Face `tokenizers`: a text is cut into words, and the bytes of a word are joined by the
/// vocabulary's merges. A byte that the vocabulary has no token for is left out, as there. SmolLM2's vocabulary
/// has 235 bytes: rare control characters, and the characters that the other bytes are parts of, are lost.
public struct ByteLevelBPE: Tokenizer {
  /// The token's id; nil where the file names none.
  public let beginOfText: Int?

  private let preTokenizer: PreTokenizer
  /// The tokens as the vocabulary writes them.
  private let names: TokenTable
  /// What they add to a text; empty for special ones.
  private let contents: ByteStrings
  private let special: [Bool]
  private let merges: MergeTable
  /// The token of every byte, or nil.
  private let byteTokens: [UInt32?]

  /// From what a GGUF file says where its `tokenizer.ggml.model` is `gpt2`.
  ///
  /// Control tokens are special. User-defined ones stand for their own text, and no text gives them.
  /// - Throws: ``TokenizerError`` when the values do not fit each other, or `tokenizer.ggml.pre` is neither
  ///   `gpt-2` nor `smollm`.
  public init(gguf vocabulary: GGUFVocabulary) throws {
    let path = vocabulary.path
    let types = try vocabulary.checkedTypes()
    try vocabulary.checkBeginOfText()
    switch vocabulary.preTokenizer {
    case "gpt-2": preTokenizer = .gpt2
    case "smollm": preTokenizer = .smolLM2
    case nil: throw TokenizerError.missing(path: path, field: "tokenizer.ggml.pre")
    case let other?:
      throw TokenizerError.unsupported(
        path: path, field: "tokenizer.ggml.pre", value: other.debugDescription)
    }
    try TokenTable.check(count: types.count, path: path)
    var names = TokenTable(capacity: types.count)
    var contents = ByteStrings(capacity: types.count)
    for (id, (name, type)) in zip(vocabulary.tokens, types).enumerated() {
      guard !name.isEmpty else { throw TokenizerError.emptyToken(path: path, token: id) }
      if let first = names.append(name.utf8) {
        throw TokenizerError.duplicateToken(path: path, token: name, first: first, second: id)
      }
      switch type {
      case .control, .unknown: contents.append([])
      case .userDefined: contents.append(name.utf8)
      case .normal, .unused, .byte: contents.append(ByteAlphabet.bytes(of: name))
      }
    }
    let special = types.map { $0 == .control || $0 == .unknown }
    byteTokens = ByteAlphabet.scalars.map { scalar in
      names.find(String(scalar).utf8).flatMap { special[$0] ? nil : UInt32(truncatingIfNeeded: $0) }
    }
    merges = try Self.merges(of: vocabulary, names, special)
    self.names = names
    self.contents = contents
    self.special = special
    beginOfText = vocabulary.beginOfText
  }

  private static func merges(
    of vocabulary: GGUFVocabulary, _ names: TokenTable, _ special: [Bool]
  ) throws -> MergeTable {
    let path = vocabulary.path
    var table = MergeTable()
    table.reserve(vocabulary.merges.count)
    for (rank, merge) in vocabulary.merges.enumerated() {
      func id(_ name: String) throws -> Int {
        guard let id = names.find(name.utf8) else {
          throw TokenizerError.unknownInMerge(path: path, rank: rank, token: name)
        }
        return id
      }
      guard let (left, right) = pair(merge) else { throw TokenizerError.malformedMerge(path: path, rank: rank) }
      let result = try id(left + right)
      // No text of a user's may give a special token.
      guard !special[result] else {
        throw TokenizerError.specialFromMerge(path: path, rank: rank, token: left + right)
      }
      table.insert(
        UInt32(truncatingIfNeeded: try id(left)), UInt32(truncatingIfNeeded: try id(right)),
        .init(rank: UInt32(truncatingIfNeeded: rank), result: UInt32(truncatingIfNeeded: result)))
    }
    return table
  }

  /// The two tokens of a merge, which stand with one space between them.
  private static func pair(_ merge: String) -> (String, String)? {
    let parts = merge.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts.contains(where: \.isEmpty), let left = String(parts[0]),
      let right = String(parts[1])
    else { return nil }
    return (left, right)
  }

  /// Ids are below it.
  public var vocabularySize: Int { names.count }

  /// See ``Tokenizer``.
  public var leadingSpacesToDrop: Int { 0 }

  /// See ``Tokenizer``.
  public func bytes(of token: Int) -> [UInt8] {
    (0..<contents.count).contains(token) ? Array(contents[token]) : []
  }

  /// See ``Tokenizer``.
  public func id(of token: String) -> Int? { names.find(token.utf8) }

  /// See ``Tokenizer``.
  public func isSpecial(_ token: Int) -> Bool { special.indices.contains(token) && special[token] }

  public func encode(_ parts: [PromptPart]) -> [Int] {
    var tokens: [Int] = []
    var merger = BytePairMerger()
    for part in parts.joined {
      switch part {
      case .token(let token): tokens.append(token)
      case .text(var text):
        text.withUTF8 { bytes in
          preTokenizer.forEachWord(of: bytes) { word in
            for byte in word { if let token = byteTokens[Int(byte)] { merger.append(token) } }
            merger.merge(by: merges) { token, _ in tokens.append(Int(token)) }
          }
        }
      }
    }
    return tokens
  }
}

/// The printable characters by which byte-level vocabularies write bytes, as GPT-2 chose them: a byte that is
/// a visible Latin-1 character stands for itself, the others in turn for the characters from U+0100 on.
enum ByteAlphabet {
  /// The character of every byte.
  static let scalars: [Unicode.Scalar] = {
    var unprintable: UInt32 = 0
    return (0..<256).map { byte in
      switch byte {
      case 0x21...0x7e, 0xa1...0xac, 0xae...0xff: return Unicode.Scalar(UInt8(byte))
      default:
        defer { unprintable += 1 }
        return Unicode.Scalar(0x100 + unprintable) ?? "\u{fffd}"
      }
    }
  }()

  private static let bytes = Dictionary(
    uniqueKeysWithValues: scalars.enumerated().map { ($1.value, UInt8($0)) })

  /// The bytes that `token` writes; its own UTF-8 where a character is not of the alphabet.
  static func bytes(of token: String) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar.value] else { return Array(token.utf8) }
      result.append(byte)
    }
    return result
  }
}

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
  /// `tokenizer.ggml.add_space_prefix`, for SentencePiece vocabularies
  public var addsSpacePrefix = true
  /// `tokenizer.ggml.remove_extra_whitespaces`, for SentencePiece vocabularies
  public var removesExtraSpaces = false

  /// A vocabulary of normal tokens; the other properties are set afterwards.
  public init(path: String, tokens: [String]) {
    self.path = path
    self.tokens = tokens
  }

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

  func checkBeginOfText() throws {
    guard let token = beginOfText, !tokens.indices.contains(token) else { return }
    throw TokenizerError.idOutsideVocabulary(path: path, id: token, count: tokens.count)
  }
}
