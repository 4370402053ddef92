/// Byte strings, numbered in the order they come, with a way back from string to number.
///
/// Not a dictionary of `String`, for which "é" is one key however it is composed; vocabularies know both.
/// The strings lie in one block of memory; hashing is seeded per process, so that no file can aim at it.
struct TokenTable: Sendable {
  private var storage: [UInt8] = []
  private var ends: [Int] = []
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
    ends.reserveCapacity(capacity)
  }

  var count: Int { ends.count }

  private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

  subscript(index: Int) -> ArraySlice<UInt8> { storage[range(index)] }

  private static func hash(_ string: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: string)
    return hasher.finalize()
  }

  /// The slot that `string` is in, or the free one that it belongs in.
  private func slot(_ string: UnsafeRawBufferPointer) -> Int {
    var slot = Self.hash(string) & (slots.count - 1)
    storage.withUnsafeBytes { storage in
      while slots[slot] >= 0 {
        let known = UnsafeRawBufferPointer(rebasing: storage[range(Int(slots[slot]))])
        if known.count == string.count, known.elementsEqual(string) { break }
        slot = (slot + 1) & (slots.count - 1)
      }
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
    let number = ends.count
    let start = storage.count
    storage.append(contentsOf: string)
    let bytes = Array(storage[start...])
    let slot = bytes.withUnsafeBytes { self.slot($0) }
    ends.append(storage.count)
    if slots[slot] >= 0 { return Int(slots[slot]) }
    slots[slot] = Int32(truncatingIfNeeded: number)
    if ends.count * 2 > slots.count { grow() }
    return nil
  }

  private mutating func grow() {
    let numbers = slots.filter { $0 >= 0 }
    slots = Array(repeating: -1, count: slots.count * 2)
    for number in numbers {
      let free = Array(self[Int(number)]).withUnsafeBytes { slot($0) }
      slots[free] = number
    }
  }
}
