/// Byte pair encoding over bytes, as of GPT-2 and SmolLM2.
///
/// Follows Hugging Face `tokenizers`: a text is cut at added tokens, then into words by a ``PreTokenizer``,
/// and the bytes of a word are joined by the vocabulary's merges. A byte that the vocabulary has no token for
/// is left out, as there, or becomes the unknown token where there is one. SmolLM2's vocabulary has 235 bytes:
/// rare control characters, and the characters that the other bytes are parts of, are lost.
public struct ByteLevelBPE: Tokenizer {
  /// The token's id; nil where the file names none.
  public let beginOfText: Int?
  /// The token's id; nil where the file names none.
  public let endOfText: Int?
  /// How texts are cut into words.
  public let preTokenizer: PreTokenizer

  /// The tokens as the vocabulary writes them.
  let names: TokenTable
  /// What they add to a text; empty for special ones.
  let contents: ByteStrings
  let special: [Bool]
  private let merges: MergeTable
  /// The token of every byte, or nil.
  private let byteTokens: [UInt32?]
  private let unknown: Unknown?
  private let added: AddedTokens
  /// Whole words that are tokens, where the vocabulary wants them found before merges are tried.
  private let words: [[UInt8]: UInt32]

  struct Unknown {
    var id: UInt32
    /// Whether neighbouring ones become one.
    var isFused: Bool
  }

  /// The parts of a vocabulary, not checked yet.
  struct Parts {
    var path: String
    var names: [String]
    var isSpecial: [Bool]
    /// Which names are their text as it is, not in the byte alphabet.
    var isVerbatim: [Bool]
    var merges: [(String, String)]
    var added: [AddedToken]
    var preTokenizer: PreTokenizer
    var unknown: Unknown?
    var prefersWholeWords = false
    var beginOfText: Int?
    var endOfText: Int?
  }

  init(_ parts: Parts) throws {
    try TokenTable.check(count: parts.names.count, path: parts.path)
    var names = TokenTable(capacity: parts.names.count)
    var contents = ByteStrings(capacity: parts.names.count)
    var byteTokens = [UInt32?](repeating: nil, count: 256)
    var words: [[UInt8]: UInt32] = [:]
    for (id, name) in parts.names.enumerated() {
      guard !name.isEmpty else { throw TokenizerError.emptyToken(path: parts.path, token: id) }
      if let first = names.append(name.utf8) {
        throw TokenizerError.duplicateToken(path: parts.path, token: name, first: first, second: id)
      }
      if parts.isSpecial[id] {
        contents.append([])
        continue
      }
      let bytes = parts.isVerbatim[id] ? Array(name.utf8) : ByteAlphabet.bytes(of: name)
      contents.append(bytes)
      if parts.prefersWholeWords, !parts.isVerbatim[id] { words[bytes] = UInt32(truncatingIfNeeded: id) }
    }
    for (byte, scalar) in ByteAlphabet.scalars.enumerated() {
      if let id = names.find(String(scalar).utf8), !parts.isSpecial[id] {
        byteTokens[byte] = UInt32(truncatingIfNeeded: id)
      }
    }
    self.names = names
    self.contents = contents
    self.byteTokens = byteTokens
    self.words = words
    merges = try Self.table(parts, names)
    special = parts.isSpecial
    unknown = parts.unknown
    added = try AddedTokens(parts.added, path: parts.path)
    preTokenizer = parts.preTokenizer
    beginOfText = parts.beginOfText
    endOfText = parts.endOfText
  }

  private static func table(_ parts: Parts, _ names: TokenTable) throws -> MergeTable {
    var table = MergeTable()
    table.reserve(parts.merges.count)
    for (rank, (left, right)) in parts.merges.enumerated() {
      func id(_ name: String) throws -> Int {
        guard let id = names.find(name.utf8) else {
          throw TokenizerError.unknownInMerge(path: parts.path, rank: rank, token: name)
        }
        return id
      }
      let result = try id(left + right)
      // No text of a user's may give a special token.
      guard !parts.isSpecial[result] else {
        throw TokenizerError.specialFromMerge(path: parts.path, rank: rank, token: left + right)
      }
      table.insert(
        UInt32(truncatingIfNeeded: try id(left)), UInt32(truncatingIfNeeded: try id(right)),
        .init(rank: UInt32(truncatingIfNeeded: rank), result: UInt32(truncatingIfNeeded: result)))
    }
    return table
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

  public func encode(_ text: String, allowingSpecial: Bool) -> [Int] {
    encode(allowingSpecial ? added.split(text) : [.text(text)])
  }

  public func encode(_ parts: [PromptPart]) -> [Int] {
    var tokens: [Int] = []
    var merger = BytePairMerger()
    for part in parts.joined {
      switch part {
      case .token(let token): tokens.append(token)
      case .text(var text):
        text.withUTF8 { bytes in
          preTokenizer.forEachWord(of: bytes) { encode(word: $0, &merger, into: &tokens) }
        }
      }
    }
    return tokens
  }

  private func encode(
    word: UnsafeBufferPointer<UInt8>, _ merger: inout BytePairMerger, into tokens: inout [Int]
  ) {
    if !words.isEmpty, let token = words[Array(word)] {
      tokens.append(Int(token))
      return
    }
    var unknownIsLast = false
    for byte in word {
      if let token = byteTokens[Int(byte)] {
        merger.append(token)
        unknownIsLast = false
      } else if let unknown, !(unknown.isFused && unknownIsLast) {
        merger.append(unknown.id)
        unknownIsLast = true
      }
    }
    merger.merge(by: merges) { token, _ in tokens.append(Int(token)) }
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

extension ByteLevelBPE {
  /// From what a GGUF file says where its `tokenizer.ggml.model` is `gpt2`.
  ///
  /// Control tokens are special. User-defined ones are text, cut out of texts that may hold special tokens.
  /// - Throws: ``TokenizerError`` when the values do not fit each other, or `tokenizer.ggml.pre` is neither
  ///   `gpt-2` nor `smollm`.
  public init(gguf vocabulary: GGUFVocabulary) throws {
    let path = vocabulary.path
    let types = try vocabulary.checkedTypes()
    try vocabulary.checkSpecials()
    let preTokenizer: PreTokenizer
    switch vocabulary.preTokenizer {
    case "gpt-2": preTokenizer = .gpt2
    case "smollm": preTokenizer = .smolLM2
    case nil: throw TokenizerError.missing(path: path, field: "tokenizer.ggml.pre")
    case let other?:
      throw TokenizerError.unsupported(
        path: path, field: "tokenizer.ggml.pre", value: other.debugDescription)
    }
    let merges = try vocabulary.merges.enumerated().map { rank, merge in
      try Self.merge(merge, path: path, rank: rank)
    }
    let added = zip(vocabulary.tokens, types).enumerated().compactMap { id, token -> AddedToken? in
      switch token.1 {
      case .control, .unknown: AddedToken(token.0, id: id)
      case .userDefined: AddedToken(token.0, id: id, isSpecial: false)
      case .normal, .unused, .byte: nil
      }
    }
    try self.init(
      Parts(
        path: path, names: vocabulary.tokens,
        isSpecial: types.map { $0 == .control || $0 == .unknown },
        isVerbatim: types.map { $0 == .userDefined }, merges: merges, added: added,
        preTokenizer: preTokenizer, beginOfText: vocabulary.beginOfText, endOfText: vocabulary.endOfText))
  }

  /// The two tokens of a merge, which stand with one space between them.
  static func merge(_ text: String, path: String, rank: Int) throws -> (String, String) {
    let units = text.utf8
    guard let space = units.firstIndex(of: 0x20), space > units.startIndex,
      let right = String(units[units.index(after: space)...]), !right.isEmpty, !right.utf8.contains(0x20),
      let left = String(units[..<space])
    else { throw TokenizerError.malformedMerge(path: path, rank: rank) }
    return (left, right)
  }
}
