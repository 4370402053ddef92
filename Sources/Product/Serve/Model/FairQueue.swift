/// Lets requests to the model one at a time. Clients take turns, whoever has sent more: within one client the first is
/// the first.
package actor FairQueue {
  private struct Waiting {
    var number: Int
    var turn: CheckedContinuation<Void, any Error>
  }

  private let limit: Int
  private var isTaken = false
  private var queues: [String: [Waiting]] = [:]
  /// Clients that wait, the next one first.
  private var order: [String] = []
  private var number = 0
  private let clock = ContinuousClock()
  /// How long a turn took lately, for whoever has to be sent away.
  private var meanSeconds = 1.0

  /// - Parameter limit: how many wait at most
  package init(limit: Int) { self.limit = limit }

  /// How many wait.
  package var count: Int { queues.values.reduce(0) { $0 + $1.count } }

  /// Waits for the client's turn, and does the work.
  /// - Throws: ``ServeError/busy(waiting:seconds:)``, `CancellationError`, or what the work throws
  package func withTurn<Value: Sendable>(
    of client: String, _ work: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await enter(client)
    defer { leave() }
    let began = clock.now
    let value = try await work()
    // What was given up says nothing of how long others wait.
    let seconds: Double = (clock.now - began) / .seconds(1)
    meanSeconds = 0.8 * meanSeconds + 0.2 * seconds
    return value
  }

  private func enter(_ client: String) async throws {
    guard isTaken else {
      isTaken = true
      return
    }
    guard count < limit else {
      throw ServeError.busy(waiting: count, seconds: max(1, min(120, Int(meanSeconds * Double(count + 1)))))
    }
    number += 1
    let own = number
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (turn: CheckedContinuation<Void, any Error>) in
        guard !Task.isCancelled else { return turn.resume(throwing: CancellationError()) }
        if queues[client] == nil { order.append(client) }
        queues[client, default: []].append(Waiting(number: own, turn: turn))
      }
    } onCancel: {
      Task { await self.forget(own, of: client) }
    }
  }

  private func leave() {
    guard !order.isEmpty else {
      isTaken = false
      return
    }
    let client = order.removeFirst()
    var queue = queues[client] ?? []
    let next = queue.removeFirst()
    queues[client] = queue.isEmpty ? nil : queue
    if !queue.isEmpty { order.append(client) }
    next.turn.resume()
  }

  private func forget(_ number: Int, of client: String) {
    guard var queue = queues[client], let index = queue.firstIndex(where: { $0.number == number }) else {
      return
    }
    queue.remove(at: index).turn.resume(throwing: CancellationError())
    queues[client] = queue.isEmpty ? nil : queue
    if queue.isEmpty { order.removeAll { $0 == client } }
  }
}

/// Values up to a cost; what was not used for longest goes first.
struct LeastRecentlyUsed<Key: Hashable, Value> {
  private struct Entry {
    var value: Value
    var cost: Int
    var used: Int
  }

  private let limit: Int
  private var entries: [Key: Entry] = [:]
  private var clock = 0
  private(set) var cost = 0

  init(limit: Int) { self.limit = limit }

  var count: Int { entries.count }

  mutating func value(_ key: Key) -> Value? {
    clock += 1
    entries[key]?.used = clock
    return entries[key]?.value
  }

  /// Takes a value out: whoever changes it has to be its only owner.
  mutating func take(_ key: Key) -> Value? {
    guard let entry = entries.removeValue(forKey: key) else { return nil }
    cost -= entry.cost
    return entry.value
  }

  /// Keeps a value, unless it alone is over the limit.
  mutating func put(_ value: Value, for key: Key, cost added: Int) {
    _ = take(key)
    guard added <= limit else { return }
    clock += 1
    entries[key] = Entry(value: value, cost: added, used: clock)
    cost += added
    while cost > limit, let oldest = entries.min(by: { $0.value.used < $1.value.used }) { _ = take(oldest.key) }
  }

  mutating func removeAll(where isGone: (Key) -> Bool) {
    for key in entries.keys where isGone(key) { _ = take(key) }
  }
}
