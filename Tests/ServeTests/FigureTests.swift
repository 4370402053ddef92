import CrayonCore
import Testing

@testable import Serve

/// What the server says of its own work: in usage, and to a monitor.
@Suite struct FigureTests {
  /// The slot behind a trigger is read, not chosen, and does not count against max_tokens either.
  @Test(arguments: [
    ([10, 11, 12], [], 3), ([10, 6, 16, 12], [1], 3), ([6, 16, 10, 6, 16], [0, 3], 3),
    // It ended at the trigger itself.
    ([10, 6], [1], 2),
  ])
  func tokensThatWereChosenCount(tokens: [Int], triggers: [Int], count: Int) {
    let reply = Reply(
      text: "", tokens: tokens,
      triggers: triggers.map { Reply.Trigger(position: $0, textOffset: 0, state: []) }, end: .limit,
      promptTokens: 0, reusedTokens: 0, firstTokenSeconds: 0, writingSeconds: 0)
    #expect(reply.chosenTokens == count)
  }

  @Test func aRequestIsOpenUntilItsAnswerIsSent() {
    let metrics = Metrics()
    var figures: String { metrics.text(waiting: 0) }
    withExtendedLifetime(metrics.began()) { request in
      request.isAnswered(at: "/healthz", with: 200)
      #expect(figures.contains("\ncrayon_requests_open 1\n"))
      #expect(!figures.contains("crayon_requests_total{"))
    }
    #expect(figures.contains("\ncrayon_requests_open 0\n"))
    #expect(figures.contains("crayon_requests_total{route=\"/healthz\",status=\"200\"} 1\n"))
    withExtendedLifetime(metrics.began()) { request in
      request.isAnswered(at: "/healthz", with: 200)
      request.isLeft()
    }
    #expect(figures.contains("crayon_requests_total{route=\"/healthz\",status=\"499\"} 1\n"))
  }
}
