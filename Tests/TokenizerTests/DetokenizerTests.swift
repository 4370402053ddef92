import TestSupport
import Testing
import Tokenizers

@Suite struct DetokenizerTests {
  /// One token for every byte, and one that is special.
  private struct Bytes: Tokenizer {
    var leadingSpacesToDrop = 0
    let vocabularySize = 257
    let beginOfText: Int? = nil
    func encode(_ parts: [PromptPart]) -> [Int] { [] }
    func bytes(of token: Int) -> [UInt8] { UInt8(exactly: token).map { [$0] } ?? [] }
    func id(of token: String) -> Int? { nil }
    func isSpecial(_ token: Int) -> Bool { token == 256 }
  }

  @Test func textComesWithoutHalfCharacters() {
    let text = "aé€😀\u{0}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\u{d7ff}\u{e000} 👩‍👩‍👧"
    var detokenizer = IncrementalDetokenizer(Bytes())
    var pieces = ""
    for byte in text.utf8 {
      let piece = detokenizer.append(Int(byte))
      #expect(!piece.unicodeScalars.contains("\u{fffd}"))
      // One byte never completes more than one character.
      #expect(piece.unicodeScalars.count <= 1)
      pieces += piece
      #expect(detokenizer.append(256) == "")
    }
    #expect(detokenizer.finish() == "")
    #expect(pieces.utf8.elementsEqual(text.utf8))
  }

  /// Whatever the bytes, piece by piece gives what all at once does.
  @Test func invalidBytesAreReplacedAsInOneGo() {
    var numbers = SeededNumbers(seed: 5)
    let interesting: [UInt8] = [
      0x20, 0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4,
      0xf5, 0xff,
    ]
    for _ in 0..<20000 {
      let bytes = (0..<Int.random(in: 0...8, using: &numbers)).map { _ in
        interesting[Int.random(in: 0..<interesting.count, using: &numbers)]
      }
      let whole = String(decoding: bytes, as: UTF8.self)
      #expect(Bytes().decode(bytes.map(Int.init)).utf8.elementsEqual(whole.utf8), "\(bytes)")
    }
  }

  @Test func whatCannotBeCompletedComesAtOnce() {
    var detokenizer = IncrementalDetokenizer(Bytes())
    #expect(detokenizer.append(0xe2) == "")
    #expect(detokenizer.append(0x82) == "")
    #expect(detokenizer.append(0x41) == "\u{fffd}A")
    #expect(detokenizer.append(0xed) == "")
    // The half of a surrogate pair: two mistakes, known at the second byte.
    #expect(detokenizer.append(0xa0) == "\u{fffd}\u{fffd}")
    #expect(detokenizer.append(0xf0) == "")
    #expect(detokenizer.finish() == "\u{fffd}")
    #expect(detokenizer.finish() == "")
    #expect(detokenizer.append(0x42) == "B")
  }

  @Test func leadingSpacesOfEncodingAreDropped() {
    #expect(Bytes(leadingSpacesToDrop: 0).decode("  a b".utf8.map(Int.init)) == "  a b")
    #expect(Bytes(leadingSpacesToDrop: 1).decode("  a b".utf8.map(Int.init)) == " a b")
    #expect(Bytes(leadingSpacesToDrop: 1).decode("a  b".utf8.map(Int.init)) == "a  b")
    #expect(Bytes(leadingSpacesToDrop: .max).decode("    a b ".utf8.map(Int.init)) == "a b ")
  }
}
