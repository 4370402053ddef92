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
