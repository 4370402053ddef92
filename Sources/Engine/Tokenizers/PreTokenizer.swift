/// Cuts a text into the words that a byte-level vocabulary is applied to one by one.
public struct PreTokenizer: Sendable, Equatable {
  /// What happens to digits before anything else.
  public enum Digits: Sendable, Equatable {
    /// Nothing: a space in front joins them, and they stay together.
    case inWords
    /// Runs of them are cut out.
    case together
    /// Every one is cut out.
    case individual
  }

  /// What happens to digits, which are all characters of Unicode's categories N.
  public var digits: Digits
  /// Whether a piece that does not start with a space is given one.
  public var addsPrefixSpace: Bool
  /// Whether pieces are cut by GPT-2's rule, or stay whole.
  public var splitsWords: Bool

  /// As `Digits` and `ByteLevel` of Hugging Face `tokenizers`.
  public init(digits: Digits = .inWords, addsPrefixSpace: Bool = false, splitsWords: Bool = true) {
    self.digits = digits
    self.addsPrefixSpace = addsPrefixSpace
    self.splitsWords = splitsWords
  }

  /// GPT-2's rule alone.
  public static let gpt2 = PreTokenizer()
  /// Digits one by one, then GPT-2's rule.
  public static let smolLM2 = PreTokenizer(digits: .individual)

  /// Calls `body` with the words of `text`, which is UTF-8, in order.
  func forEachWord(
    of text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard digits != .inWords else { return words(ofPiece: text, body) }
    var start = 0
    var position = 0
    func close(_ end: Int) {
      if end > start { words(ofPiece: UnsafeBufferPointer(rebasing: text[start..<end]), body) }
      start = end
    }
    var inDigits = false
    while position < text.count {
      let (scalar, end) = text.scalar(at: position)
      let isDigit = ScalarClass(scalar) == .number
      if isDigit != inDigits || (isDigit && digits == .individual) { close(position) }
      inDigits = isDigit
      position = end
    }
    close(text.count)
  }

  private func words(
    ofPiece piece: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard let first = piece.first else { return }
    guard addsPrefixSpace, first != 0x20 else { return words(of: piece, body) }
    let prefixed = [0x20] + Array(piece)
    prefixed.withUnsafeBufferPointer { words(of: $0, body) }
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  private func words(of text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    guard splitsWords else { return body(text) }
    var start = 0
    while start < text.count {
      let end = Self.endOfWord(in: text, at: start)
      body(UnsafeBufferPointer(rebasing: text[start..<end]))
      start = end
    }
  }

  private static func endOfWord(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
    if text[start] == UInt8(ascii: "'"), let end = endOfContraction(in: text, at: start) { return end }
    var (scalar, end) = text.scalar(at: start)
    var kind = ScalarClass(scalar)
    if scalar == " ", end < text.count {
      let (following, behind) = text.scalar(at: end)
      let followingKind = ScalarClass(following)
      // A space belongs to the word that it stands in front of.
      if followingKind != .space { (kind, end) = (followingKind, behind) }
    }
    var last = start
    while end < text.count {
      let (scalar, behind) = text.scalar(at: end)
      guard ScalarClass(scalar) == kind else { break }
      (last, end) = (end, behind)
    }
    // White space in front of something leaves its last character to that, unless it is the only one.
    return kind == .space && end < text.count && last > start ? last : end
  }

  private static func endOfContraction(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
    guard start + 1 < text.count else { return nil }
    let first = text[start + 1]
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
      guard start + 2 < text.count else { return nil }
      let second = first == UInt8(ascii: "l") ? UInt8(ascii: "l") : UInt8(ascii: "e")
      return text[start + 2] == second ? start + 3 : nil
    default: return nil
    }
  }
}

/// The kinds of characters that pre-tokenization tells apart.
///
/// By the Unicode tables of Swift's library; characters newer than a reference's own tables may differ.
enum ScalarClass: UInt8 {
  /// `\p{L}`
  case letter
  /// `\p{N}`
  case number
  /// `\s`, which is Unicode's White_Space
  case space
  case other

  init(_ scalar: Unicode.Scalar) {
    if scalar.value < 128 {
      self = Self.ascii[Int(scalar.value)]
    } else {
      self.init(lookingUp: scalar)
    }
  }

  private static let ascii = (0..<128).map { ScalarClass(lookingUp: Unicode.Scalar(UInt8($0))) }

  private init(lookingUp scalar: Unicode.Scalar) {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = .letter
    case .decimalNumber, .letterNumber, .otherNumber:
      self = .number
    default:
      self = scalar.properties.isWhitespace ? .space : .other
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The scalar at `position` of text that is known to be UTF-8, and where the next one starts.
  @inline(__always)
  func scalar(at position: Int) -> (scalar: Unicode.Scalar, end: Int) {
    let first = self[position]
    if first < 0x80 { return (Unicode.Scalar(first), position + 1) }
    let length = Swift.min(first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4, count - position)
    var value = UInt32(first) & (0xff >> UInt32(length + 1))
    for offset in 1..<Swift.max(1, length) { value = value << 6 | UInt32(self[position + offset] & 0x3f) }
    return (Unicode.Scalar(value) ?? "\u{fffd}", position + length)
  }

  /// Where the white space begins that ends at `end`.
  func startOfSpace(endingAt end: Int, notBefore limit: Int) -> Int {
    var start = end
    while start > limit {
      var previous = start - 1
      while previous > limit, self[previous] & 0xc0 == 0x80 { previous -= 1 }
      guard ScalarClass(scalar(at: previous).scalar) == .space else { break }
      start = previous
    }
    return start
  }

  func endOfSpace(startingAt start: Int) -> Int {
    var end = start
    while end < count {
      let next = scalar(at: end)
      guard ScalarClass(next.scalar) == .space else { break }
      end = next.end
    }
    return end
  }
}
