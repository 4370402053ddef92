/// Byte pair encoding over bytes, as of GPT-2 and SmolLM2.
///
/// Follows Hugging Face `tokenizers`: a text is cut at added tokens, then into words by a ``PreTokenizer``,
/// and the bytes of a word are joined by the vocabulary's merges. A byte that the vocabulary has no token for
/// is left out, as there, or becomes the unknown token where there is one. SmolLM2's vocabulary has 235 bytes:
/// rare control characters, and the characters that the other bytes are parts of, are lost.
public struct ByteLevelBPE: Tokenizer {
  public let beginOfText: Int?
  public let endOfText: Int?
  /// How texts are cut into words.
  public let preTokenizer: PreTokenizer

  /// The tokens as the vocabulary writes them.
  let names: TokenTable
  /// What they add to a text; empty for special ones.
  let contents: TokenTable
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

  /// The parts of a vocabulary, checked by nobody yet.
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
    var contents = TokenTable(capacity: parts.names.count)
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

  public var vocabularySize: Int { names.count }

  public var leadingSpacesToDrop: Int { 0 }

  public func bytes(of token: Int) -> [UInt8] {
    (0..<contents.count).contains(token) ? Array(contents[token]) : []
  }

  public func id(of token: String) -> Int? { names.find(token.utf8) }

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
