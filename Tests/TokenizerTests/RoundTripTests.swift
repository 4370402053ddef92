import TestSupport
import Testing
import Tokenizers

@Suite struct RoundTripTests {
  private static let pool: [Unicode.Scalar] = {
    let text = "aeiouTHE  \n\t'sd019.,!é\u{301}ß\u{a0}\u{2003}猫小ال😀\u{200d}👩\u{1f3fd}"
    return Array((text + "\u{0}\u{7f}\u{ffff}\u{10ffff}").unicodeScalars)
  }()

  private static func text(_ numbers: inout SeededNumbers) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...40, using: &numbers) {
      text.append(pool[Int.random(in: 0..<pool.count, using: &numbers)])
    }
    return String(text)
  }

  @Test func tokensGiveTheTextBack() throws {
    for (name, tokenizer) in try TokenizerFixtures.every() {
      var numbers = SeededNumbers(seed: 3)
      for _ in 0..<500 {
        let text = Self.text(&numbers)
        let tokens = tokenizer.encode(text)
        #expect(tokens.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) && !tokenizer.isSpecial($0) })
        var bytes = tokens.flatMap { tokenizer.bytes(of: $0) }
        if name == "llama", !text.isEmpty { bytes.removeFirst() }
        #expect(bytes == Array(text.utf8), "\(name) \(text.debugDescription)")
        #expect(tokenizer.decode(tokens).utf8.elementsEqual(text.utf8))
      }
    }
  }

  /// However a vocabulary cuts characters, none comes out broken.
  @Test func detokenizedPiecesAreWholeCharacters() throws {
    for (name, tokenizer) in try TokenizerFixtures.every() {
      var numbers = SeededNumbers(seed: 4)
      for _ in 0..<200 {
        let text = Self.text(&numbers)
        var detokenizer = IncrementalDetokenizer(tokenizer)
        var pieces = ""
        for token in tokenizer.encode(text) {
          let piece = detokenizer.append(token)
          #expect(!piece.unicodeScalars.contains("\u{fffd}"), "\(name) \(text.debugDescription)")
          pieces += piece
        }
        #expect(detokenizer.finish() == "")
        #expect(pieces.utf8.elementsEqual(text.utf8))
      }
    }
  }

  @Test func emptyTextHasNoTokens() throws {
    for (_, tokenizer) in try TokenizerFixtures.every() {
      #expect(tokenizer.encode("") == [])
      #expect(tokenizer.encode([.text(""), .text("")]) == [])
      #expect(tokenizer.encode([.token(5), .text(""), .token(7)]) == [5, 7])
      #expect(tokenizer.decode([]) == "")
    }
  }

  /// A user's words behind the template's are one text.
  @Test func neighbouringTextsAreOneText() throws {
    for (_, tokenizer) in try TokenizerFixtures.every() {
      #expect(
        tokenizer.encode([.text("the c"), .text(""), .text("at")])
          == tokenizer.encode("the cat"))
    }
  }
}
