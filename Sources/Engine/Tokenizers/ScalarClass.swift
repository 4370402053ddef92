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
