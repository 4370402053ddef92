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
