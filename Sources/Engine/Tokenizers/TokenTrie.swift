/// Finds the longest of many strings at a place in a text.
struct TokenTrie: Sendable {
  /// The next node by node and byte.
  private var edges: [UInt64: Int32] = [:]
  /// What ends at a node, or -1.
  private var values: [Int32] = [-1]
  /// Which bytes any string starts with, so that most places of a text cost one look.
  private var starts = [Bool](repeating: false, count: 256)

  var isEmpty: Bool { values.count == 1 }

  /// An empty string is left out: it would be found everywhere. Of equal strings the last one stays.
  mutating func insert(_ string: some Collection<UInt8>, value: Int) {
    guard let first = string.first else { return }
    starts[Int(first)] = true
    var node: Int32 = 0
    for byte in string {
      let edge = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
      if let next = edges[edge] {
        node = next
      } else {
        let next = Int32(truncatingIfNeeded: values.count)
        values.append(-1)
        edges[edge] = next
        node = next
      }
    }
    values[Int(node)] = Int32(truncatingIfNeeded: value)
  }

  /// The longest string that `text` has at `start`.
  func longestMatch(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (value: Int, end: Int)? {
    guard starts[Int(text[start])] else { return nil }
    var node: Int32 = 0
    var found: (value: Int, end: Int)?
    for position in start..<text.count {
      let edge = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(text[position])
      guard let next = edges[edge] else { break }
      node = next
      let value = values[Int(node)]
      if value >= 0 { found = (Int(value), position + 1) }
    }
    return found
  }
}
