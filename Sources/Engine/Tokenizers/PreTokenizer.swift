/// Cuts a text into the words that a byte-level vocabulary is applied to one by one, as Hugging Face `tokenizers` does.
enum PreTokenizer: Sendable {
  /// `ByteLevel`: GPT-2's rule alone, by which digits stay together, and a space in front joins them.
  case gpt2
  /// `Digits` and `ByteLevel`: first every digit is cut out, which are all characters of Unicode's categories N.
  case smolLM2

  /// Calls `body` with the words of `text`, which is UTF-8, in order.
  func forEachWord(
    of text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard self == .smolLM2 else { return Self.words(of: text, body) }
    var start = 0
    var position = 0
    func close(_ end: Int) {
      if end > start { Self.words(of: UnsafeBufferPointer(rebasing: text[start..<end]), body) }
      start = end
    }
    while position < text.count {
      let (scalar, end) = text.scalar(at: position)
      if ScalarClass(scalar) == .number {
        close(position)
        close(end)
      }
      position = end
    }
    close(text.count)
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  private static func words(
    of text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var start = 0
    while start < text.count {
      let end = endOfWord(in: text, at: start)
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
}
