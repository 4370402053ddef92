/// Byte strings, numbered in the order they come, in one block of memory.
struct ByteStrings: Sendable {
  private var storage: [UInt8] = []
  private var ends: [Int] = []

  init(capacity: Int) { ends.reserveCapacity(capacity) }

  var count: Int { ends.count }

  subscript(index: Int) -> ArraySlice<UInt8> { storage[range(index)] }

  mutating func append(_ string: some Collection<UInt8>) {
    storage.append(contentsOf: string)
    ends.append(storage.count)
  }

  func withBytes<Result>(of index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range(index)])) }
  }

  private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }
}

/// Byte strings with a way back from string to number.
///
/// Not a dictionary of `String`, for which "é" is one key however it is composed; vocabularies know both. Hashing is seeded
/// per process, so that no file can aim at it.
struct TokenTable: Sendable {
  private var strings: ByteStrings
  /// Numbers of strings by hash, or -1; a power of two of them, at most half in use.
  private var slots: [Int32]

  /// More are refused, so that numbers of tokens and of parts of them fit 32 bits.
  private static let mostTokens = 1 << 24

  /// - Throws: ``TokenizerError`` when a vocabulary of `count` tokens is empty or too large.
  static func check(count: Int, path: String) throws {
    guard count > 0 else { throw TokenizerError.emptyVocabulary(path: path) }
    guard count <= mostTokens else {
      throw TokenizerError.tooManyTokens(path: path, count: count, limit: mostTokens)
    }
  }

  init(capacity: Int) {
    var size = 16
    while size / 2 <= capacity { size *= 2 }
    slots = Array(repeating: -1, count: size)
    strings = ByteStrings(capacity: capacity)
  }

  var count: Int { strings.count }

  subscript(index: Int) -> ArraySlice<UInt8> { strings[index] }

  private static func hash(_ string: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: string)
    return hasher.finalize()
  }

  /// The slot that `string` is in, or the free one that it belongs in.
  private func slot(_ string: UnsafeRawBufferPointer) -> Int {
    var slot = Self.hash(string) & (slots.count - 1)
    while slots[slot] >= 0 {
      if strings.withBytes(of: Int(slots[slot]), { $0.count == string.count && $0.elementsEqual(string) }) {
        break
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  func find(_ string: UnsafeRawBufferPointer) -> Int? {
    let found = slots[slot(string)]
    return found >= 0 ? Int(found) : nil
  }

  func find(_ string: some Collection<UInt8>) -> Int? {
    if let found = string.withContiguousStorageIfAvailable({ find(UnsafeRawBufferPointer($0)) }) {
      return found
    }
    return Array(string).withUnsafeBytes { find($0) }
  }

  /// Adds `string` with the next number, or gives the number of the same string from before and adds it
  /// without a way back.
  @discardableResult
  mutating func append(_ string: some Collection<UInt8>) -> Int? {
    let number = count
    strings.append(string)
    let slot = strings.withBytes(of: number) { self.slot($0) }
    if slots[slot] >= 0 { return Int(slots[slot]) }
    slots[slot] = Int32(truncatingIfNeeded: number)
    if count * 2 > slots.count { grow() }
    return nil
  }

  private mutating func grow() {
    let numbers = slots.filter { $0 >= 0 }
    slots = Array(repeating: -1, count: slots.count * 2)
    for number in numbers { slots[strings.withBytes(of: Int(number)) { slot($0) }] = number }
  }
}

/// The kinds of tokens, by the numbers that SentencePiece and GGUF give them.
enum TokenType: Int, Sendable {
  case normal = 1
  case unknown = 2
  case control = 3
  case userDefined = 4
  case unused = 5
  case byte = 6
}

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
