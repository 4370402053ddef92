import Testing

@testable import Language

/// Text that ends where another begins.
@Suite struct StoppingTextTests {
  static func given(_ pieces: [String], stops: [String]) -> [String] {
    var text = StoppingText(stops)
    return pieces.map { text.append($0) } + [text.isStopped ? "|" : text.finish()]
  }

  @Test func withoutStopsEverythingAtOnce() {
    #expect(Self.given(["a", "bc"], stops: []) == ["a", "bc", ""])
  }

  @Test func whatCouldBeAStopIsHeldBack() {
    #expect(Self.given(["a U", "SE", "R: x"], stops: ["USER:"]) == ["a ", "", "", "|"])
    #expect(Self.given(["a U", "SA", "!"], stops: ["USER:"]) == ["a ", "USA", "!", ""])
    #expect(Self.given(["a U"], stops: ["USER:"]) == ["a ", "U"])
  }

  @Test func theFirstOfSeveral() {
    #expect(Self.given(["one two three"], stops: ["three", "two"]) == ["one ", "|"])
  }
}
