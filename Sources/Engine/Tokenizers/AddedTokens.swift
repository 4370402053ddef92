/// A token that is cut out of a text before the text is tokenized.
public struct AddedToken: Sendable, Equatable {
  /// What stands for it in a text.
  public var content: String
  /// Its number.
  public var id: Int
  /// Whether it steers the model and is no text.
  public var isSpecial: Bool
  /// Whether white space in front of it in a text goes with it.
  public var stripsLeft: Bool
  /// Whether white space behind it in a text goes with it.
  public var stripsRight: Bool
  /// Whether it is looked for only after every token for which this is false.
  public var isNormalized: Bool

  /// As Hugging Face's `AddedToken`, without its `single_word`.
  public init(
    _ content: String, id: Int, isSpecial: Bool = true, stripsLeft: Bool = false, stripsRight: Bool = false,
    isNormalized: Bool = false
  ) {
    self.content = content
    self.id = id
    self.isSpecial = isSpecial
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isNormalized = isNormalized
  }
}

/// Cuts texts at added tokens as Hugging Face `tokenizers` does: leftmost first, then longest, and tokens
/// that are looked for in normalized text only in what the others leave.
struct AddedTokens: Sendable {
  private let tokens: [AddedToken]
  private var verbatim = TokenTrie()
  private var normalized = TokenTrie()

  /// Longer ones are refused: every place of a text may have to be compared with one from end to end.
  private static let longest = 1024

  /// - Parameter path: the file they are from, for messages
  /// - Throws: ``TokenizerError`` when one is empty or too long to look for.
  init(_ tokens: [AddedToken], path: String) throws {
    for token in tokens {
      let length = token.content.utf8.count
      guard length > 0 else { throw TokenizerError.emptyToken(path: path, token: token.id) }
      guard length <= Self.longest else {
        throw TokenizerError.tokenTooLong(path: path, token: token.id, length: length, limit: Self.longest)
      }
    }
    self.tokens = tokens
    for (index, token) in tokens.enumerated() {
      if token.isNormalized {
        normalized.insert(token.content.utf8, value: index)
      } else {
        verbatim.insert(token.content.utf8, value: index)
      }
    }
  }

  func split(_ text: String) -> [PromptPart] {
    var parts = verbatim.isEmpty ? [.text(text)] : split(text, by: verbatim)
    if !normalized.isEmpty {
      parts = parts.flatMap { part in
        guard case .text(let text) = part else { return [part] }
        return split(text, by: normalized)
      }
    }
    return parts
  }

  private func split(_ text: String, by trie: TokenTrie) -> [PromptPart] {
    var text = text
    return text.withUTF8 { bytes in
      var parts: [PromptPart] = []
      /// Where the text that no token has yet begins.
      var rest = 0
      func addText(_ range: Range<Int>) {
        if !range.isEmpty { parts.append(.text(String(decoding: bytes[range], as: UTF8.self))) }
      }
      var position = 0
      while position < bytes.count {
        guard let match = trie.longestMatch(in: bytes, at: position) else {
          position += 1
          continue
        }
        let token = tokens[match.value]
        var start = position
        var end = match.end
        if token.stripsLeft { start = bytes.startOfSpace(endingAt: start, notBefore: rest) }
        if token.stripsRight { end = bytes.endOfSpace(startingAt: end) }
        // A token before may have stripped what this one starts with.
        addText(rest..<max(rest, start))
        parts.append(.token(token.id))
        rest = max(rest, end)
        position = match.end
      }
      addText(rest..<bytes.count)
      return parts
    }
  }
}
