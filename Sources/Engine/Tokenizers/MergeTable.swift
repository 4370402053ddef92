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
