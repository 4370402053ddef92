/// Joins the symbols of a word, pair by pair: lowest rank first, and of the same rank the leftmost.
///
/// Symbols are a linked list and pairs wait in a heap, so that a word of n symbols costs n log n. One merger
/// serves many words and keeps its memory in between.
struct BytePairMerger {
  /// Stands for "no symbol" and "no pair".
  private static let none = UInt32.max

  private var symbols: [UInt32] = []
  private var next: [UInt32] = []
  private var previous: [UInt32] = []
  /// The rank of the pair that each symbol makes with the next one. An entry of the heap with any other
  /// rank is about a pair that no longer exists.
  private var ranks: [UInt32] = []
  private var results: [UInt32] = []
  private var heap = MinimumHeap()

  /// Adds a symbol at the end of the word.
  mutating func append(_ symbol: UInt32) { symbols.append(symbol) }

  /// Joins what `table` joins, calls `body` with every symbol that is left and the number of symbols that it
  /// starts behind, and forgets the word.
  mutating func merge(by table: MergeTable, _ body: (_ symbol: UInt32, _ start: Int) -> Void) {
    let count = symbols.count
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    ranks.removeAll(keepingCapacity: true)
    results.removeAll(keepingCapacity: true)
    for index in 0..<count {
      next.append(index + 1 < count ? UInt32(truncatingIfNeeded: index + 1) : Self.none)
      previous.append(index > 0 ? UInt32(truncatingIfNeeded: index - 1) : Self.none)
      ranks.append(Self.none)
      results.append(0)
    }
    for index in 0..<max(0, count - 1) { consider(UInt32(truncatingIfNeeded: index), table) }
    while let entry = heap.popFirst() {
      let left = Int(entry & 0xffff_ffff)
      guard ranks[left] == UInt32(entry >> 32) else { continue }
      join(left, table)
    }
    var index = count > 0 ? 0 : Self.none
    while index != Self.none {
      body(symbols[Int(index)], Int(index))
      index = next[Int(index)]
    }
    symbols.removeAll(keepingCapacity: true)
  }

  /// Looks at the pair that starts at `left`.
  private mutating func consider(_ left: UInt32, _ table: MergeTable) {
    let index = Int(left)
    ranks[index] = Self.none
    let right = next[index]
    guard right != Self.none, let merge = table[symbols[index], symbols[Int(right)]] else { return }
    ranks[index] = merge.rank
    results[index] = merge.result
    heap.insert(UInt64(merge.rank) << 32 | UInt64(left))
  }

  private mutating func join(_ left: Int, _ table: MergeTable) {
    let right = Int(next[left])
    symbols[left] = results[left]
    ranks[right] = Self.none
    next[left] = next[right]
    if next[left] != Self.none { previous[Int(next[left])] = UInt32(truncatingIfNeeded: left) }
    consider(UInt32(truncatingIfNeeded: left), table)
    if previous[left] != Self.none { consider(previous[left], table) }
  }
}

/// Which pairs of symbols a byte pair encoding joins, and which first.
struct MergeTable: Sendable {
  /// What a pair becomes.
  struct Merge {
    /// Lower goes first.
    var rank: UInt32
    var result: UInt32
  }

  private var merges: [UInt64: UInt64] = [:]

  mutating func reserve(_ count: Int) { merges.reserveCapacity(count) }

  /// Of the same pair the last one stays.
  mutating func insert(_ left: UInt32, _ right: UInt32, _ merge: Merge) {
    merges[UInt64(left) << 32 | UInt64(right)] = UInt64(merge.rank) << 32 | UInt64(merge.result)
  }

  @inline(__always)
  subscript(left: UInt32, right: UInt32) -> Merge? {
    guard let merge = merges[UInt64(left) << 32 | UInt64(right)] else { return nil }
    return Merge(rank: UInt32(merge >> 32), result: UInt32(truncatingIfNeeded: merge))
  }
}

/// Numbers that come out smallest first.
struct MinimumHeap {
  private var numbers: [UInt64] = []

  mutating func insert(_ number: UInt64) {
    numbers.append(number)
    var child = numbers.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard numbers[parent] > number else { break }
      numbers[child] = numbers[parent]
      child = parent
    }
    numbers[child] = number
  }

  mutating func popFirst() -> UInt64? {
    guard let first = numbers.first, let moved = numbers.popLast() else { return nil }
    let count = numbers.count
    guard count > 0 else { return first }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < count else { break }
      if child + 1 < count, numbers[child + 1] < numbers[child] { child += 1 }
      guard numbers[child] < moved else { break }
      numbers[parent] = numbers[child]
      parent = child
    }
    numbers[parent] = moved
    return first
  }
}
