import Serve
import Synchronization
import Testing

struct FairQueueTests {
  /// What happened, in order.
  private final class Record: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  /// Holds the queue until it is told, while others come to wait.
  private func holding(_ queue: FairQueue, _ body: () async throws -> Void) async throws {
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let (entered, enter) = AsyncStream.makeStream(of: Void.self)
    let holder = Task {
      try await queue.withTurn(of: "holder") {
        enter.finish()
        for await _ in gate {}
      }
    }
    for await _ in entered {}
    try await body()
    open.finish()
    try await holder.value
  }

  private func waiting(_ count: Int, in queue: FairQueue) async throws {
    while await queue.count < count { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test func clientsTakeTurns() async throws {
    let (queue, record) = (FairQueue(limit: 10), Record())
    var tasks: [Task<Void, any Error>] = []
    try await holding(queue) {
      for (index, client) in ["many", "many", "many", "one", "many", "other"].enumerated() {
        tasks.append(Task { try await queue.withTurn(of: client) { record.add("\(client)\(index)") } })
        try await waiting(index + 1, in: queue)
      }
    }
    for task in tasks { try await task.value }
    #expect(record.all == ["many0", "one3", "other5", "many1", "many2", "many4"])
  }

  @Test func whoeverComesTooMuchIsSentAway() async throws {
    let queue = FairQueue(limit: 1)
    var first: Task<Void, any Error>?
    try await holding(queue) {
      first = Task { try await queue.withTurn(of: "a") {} }
      try await waiting(1, in: queue)
      let error = await #expect(throws: ServeError.self) { try await queue.withTurn(of: "b") {} }
      guard case .busy(waiting: 1, let seconds) = error else {
        return #expect(Bool(false), "\(String(describing: error))")
      }
      #expect(seconds >= 1)
    }
    try await first?.value
  }

  @Test func whoeverHasGoneDoesNotWait() async throws {
    let (queue, record) = (FairQueue(limit: 10), Record())
    var gone: Task<Void, any Error>?
    var stays: Task<Void, any Error>?
    try await holding(queue) {
      gone = Task { try await queue.withTurn(of: "a") { record.add("gone") } }
      try await waiting(1, in: queue)
      stays = Task { try await queue.withTurn(of: "a") { record.add("stays") } }
      try await waiting(2, in: queue)
      gone?.cancel()
      while await queue.count > 1 { try await Task.sleep(for: .milliseconds(1)) }
    }
    try await stays?.value
    await #expect(throws: CancellationError.self) { try await gone?.value }
    #expect(record.all == ["stays"])
  }
}
