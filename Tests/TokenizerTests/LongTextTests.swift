import TestSupport
import Testing
import Tokenizers

/// Time must grow with the text and not with its square.
@Suite(.serialized) struct LongTextTests {
  private static let texts: [(name: String, text: String)] = [
    ("prose", String(repeating: "The crayon draws what it sees, and 1024 words more. ", count: 20000)),
    ("one letter", String(repeating: "a", count: 1_000_000)),
    ("two letters", String(repeating: "th", count: 500_000)),
    ("spaces", String(repeating: " ", count: 1_000_000)),
    ("spaces before a word", String(repeating: " ", count: 1_000_000) + "a"),
    ("digits", String(repeating: "7", count: 1_000_000)),
    ("apostrophes", String(repeating: "'", count: 1_000_000)),
    ("emoji", String(repeating: "👩‍👩‍👧", count: 50_000)),
    ("brackets", String(repeating: "<", count: 1_000_000)),
  ]

  @Test func aMegabyteTakesNoTwoSeconds() throws {
    for (name, tokenizer) in try TokenizerFixtures.every() {
      for (kind, text) in Self.texts {
        var tokens: [Int] = []
        let time = ThreadTime.measure { tokens = tokenizer.encode(text) }
        #expect(time < .seconds(2), "\(name): \(kind)")
        #expect(!tokens.isEmpty)
        if kind == "prose" {
          var decoded = ""
          let back = ThreadTime.measure { decoded = tokenizer.decode(tokens) }
          #expect(decoded.utf8.count >= text.utf8.count)
          print("\(name): \(text.utf8.count) bytes, \(tokens.count) tokens in \(time), back in \(back)")
          #expect(back < .seconds(2))
        }
      }
    }
  }
}
