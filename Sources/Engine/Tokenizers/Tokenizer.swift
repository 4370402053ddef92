/// Text to the numbers that a language model works on, and back.
///
/// Nothing here adds a token that the text does not hold, and no text becomes a token for which
/// ``isSpecial(_:)`` holds, but for the one that stands for unknown text, where the vocabulary makes that
/// special. What a model wants besides text, such as ``beginOfText``, the caller puts between texts, as
/// ``ChatTemplate`` does.
public protocol Tokenizer: Sendable {
  /// Every token is a number below this.
  var vocabularySize: Int { get }

  /// The token that starts a text, where the vocabulary has one.
  var beginOfText: Int? { get }

  /// How many spaces at the start of decoded text were put there by encoding and are to be taken away,
  /// whichever token they come from, as Hugging Face's decoders do.
  var leadingSpacesToDrop: Int { get }

  /// The tokens of text with tokens in between; none for an empty text.
  func encode(_ parts: [PromptPart]) -> [Int]

  /// What `token` adds to the text, often only a part of a character; nothing for special tokens and for
  /// numbers that are no token.
  func bytes(of token: Int) -> [UInt8]

  /// The token that the vocabulary calls so, or nil. The name is compared scalar by scalar.
  func id(of token: String) -> Int?

  /// Whether `token` steers the model and is no text.
  func isSpecial(_ token: Int) -> Bool
}

extension Tokenizer {
  /// The tokens of text alone.
  public func encode(_ text: String) -> [Int] { encode([.text(text)]) }
}

/// Turns tokens into text while they come, and gives only what is certain: no part of a character.
///
/// A token may end inside a character's UTF-8; its bytes are kept until they are complete, or until it is
/// clear that they will never be, when each maximal part becomes U+FFFD as the Unicode Standard recommends.
public struct IncrementalDetokenizer: Sendable {
  private let tokenizer: any Tokenizer
  /// The beginning of a character; at most three bytes.
  private var incomplete: [UInt8] = []
  private var spacesToDrop: Int

  /// - Parameter tokenizer: knows the bytes of each token
  public init(_ tokenizer: some Tokenizer) {
    self.tokenizer = tokenizer
    spacesToDrop = tokenizer.leadingSpacesToDrop
  }

  /// The text that is certain now that `token` came; often none.
  public mutating func append(_ token: Int) -> String {
    var bytes = tokenizer.bytes(of: token)[...]
    if bytes.isEmpty { return "" }
    if spacesToDrop > 0 {
      let spaces = bytes.prefix { $0 == 0x20 }.count
      bytes = bytes.dropFirst(min(spaces, spacesToDrop))
      // Only spaces that nothing stands in front of were put there.
      spacesToDrop = bytes.isEmpty ? spacesToDrop - min(spaces, spacesToDrop) : 0
    }
    incomplete += bytes
    let complete = incomplete.count - Self.lengthOfUnfinished(incomplete)
    defer { incomplete.removeFirst(complete) }
    return String(decoding: incomplete[..<complete], as: UTF8.self)
  }

  /// What is left at the end: U+FFFD for a character that was never completed. A new text may follow.
  public mutating func finish() -> String {
    defer {
      incomplete = []
      spacesToDrop = tokenizer.leadingSpacesToDrop
    }
    return String(decoding: incomplete, as: UTF8.self)
  }

  /// How many bytes at the end of `bytes` begin a character that further bytes can complete.
  private static func lengthOfUnfinished(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let first = bytes[bytes.count - length]
      if first & 0xc0 == 0x80 { continue }
      let needed =
        switch first {
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: 0
        }
      guard length < needed else { return 0 }
      if length >= 2, !isSecond(bytes[bytes.count - length + 1], after: first) { return 0 }
      return length
    }
    return 0
  }

  /// After some first bytes not every continuation byte makes a character.
  private static func isSecond(_ byte: UInt8, after first: UInt8) -> Bool {
    switch first {
    case 0xe0: byte >= 0xa0
    case 0xed: byte < 0xa0
    case 0xf0: byte >= 0x90
    case 0xf4: byte < 0x90
    default: true
    }
  }
}
