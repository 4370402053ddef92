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
