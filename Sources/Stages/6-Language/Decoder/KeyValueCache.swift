import CKernels
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The keys and values of a context's positions, for every layer and head. A value: a copy is a branch, as beam
/// search needs, and shares all pages of positions with what it was copied from but the one that it goes on in.
public struct KeyValueCache: Sendable {
  /// Positions that are stored.
  public internal(set) var count = 0
  var pages: [KeyValuePage] = []
  let shape: KeyValuePage.Shape

  /// - Parameters:
  ///   - configuration: of the decoder: its layers, its heads of keys and values, and their width
  ///   - halves: whether values are kept in 16 bits
  public init(for configuration: DecoderConfiguration, halves: Bool = false) {
    shape = KeyValuePage.Shape(
      heads: configuration.layers * configuration.keyValueHeads, headWidth: configuration.headWidth,
      halves: halves)
  }

  /// Memory that a position takes.
  static func bytesPerPosition(_ configuration: DecoderConfiguration, halves: Bool) -> Int {
    configuration.layers * 2 * configuration.keyValueWidth * (halves ? 2 : 4)
  }

  /// Memory that it takes.
  public var byteCount: Int { pages.count * shape.bytes }

  /// Forgets all positions from `count` on, so that a context with the same beginning can go on from there.
  public mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    self.count = max(count, 0)
    pages.removeLast(pages.count - (self.count + KeyValuePage.positions - 1) / KeyValuePage.positions)
  }

  /// Makes room behind the last position. `finish(adding:)` counts the rows when all heads have theirs.
  mutating func makeRoom(for rows: Int) {
    guard rows > 0 else { return }
    let tail = count / KeyValuePage.positions
    if tail < pages.count, !isKnownUniquelyReferenced(&pages[tail]) { pages[tail] = pages[tail].copy() }
    while pages.count * KeyValuePage.positions < count + rows { pages.append(KeyValuePage(shape)) }
  }

  /// Writes rows of a head, `stride` apart, behind the last position.
  /// - Parameter head: of all layers' heads, layer by layer
  func write(
    head: Int, rows: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int
  ) {
    for row in 0..<rows {
      let (page, slot) = (count + row).quotientAndRemainder(dividingBy: KeyValuePage.positions)
      pages[page].write(head: head, slot: slot, key: keys + row * stride, value: values + row * stride)
    }
  }

  mutating func finish(adding rows: Int) { count += rows }

  /// Lends a head's pages.
  func read<Result>(head: Int, _ body: (KeyValuePages) -> Result) -> Result {
    withExtendedLifetime(pages) {
      withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: pages.count) { pointers in
        for (index, page) in pages.enumerated() { pointers.initializeElement(at: index, to: page.memory) }
        guard let pointers = pointers.baseAddress else { preconditionFailure("no page to read") }
        return body(
          KeyValuePages(
            pointers: pointers, offset: head * shape.valuesOfHead, width: shape.headWidth,
            halves: shape.halves))
      }
    }
  }
}

/// What a cache lends of one head: see `ck_attention`.
struct KeyValuePages {
  let pointers: UnsafePointer<UnsafeRawPointer?>
  /// Of the head in every page, in values.
  let offset: Int
  let width: Int
  let halves: Bool

  /// Lends a page's keys [width, positions of a page], and its values [positions of a page, width], as floats.
  func floats<Result>(
    ofPage page: Int, _ body: (_ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>) -> Result
  ) -> Result {
    guard let start = pointers[page] else { preconditionFailure("a page without memory") }
    let count = width * KeyValuePage.positions
    guard halves else {
      let keys = start.assumingMemoryBound(to: Float.self) + offset
      return body(keys, keys + count)
    }
    return withScratch(2 * count) { floats in
      var matrix = ck_matrix()
      matrix.format = CK_FORMAT_F16
      matrix.rows = 1
      matrix.columns = 2 * count
      matrix.values = start + 2 * offset
      kernels.dequantize(&matrix, 0, 1, floats)
      return body(floats, floats + count)
    }
  }
}

/// Memory of some positions of all heads. Written by the one cache that owns it alone, hence safe from every thread.
final class KeyValuePage: @unchecked Sendable {
  static let positions = Int(CK_PAGE)

  struct Shape: Hashable {
    /// Of all layers.
    let heads: Int
    let headWidth: Int
    let halves: Bool

    /// Keys and values of a head.
    var valuesOfHead: Int { 2 * headWidth * KeyValuePage.positions }
    var bytes: Int { heads * valuesOfHead * (halves ? 2 : 4) }
  }

  let memory: UnsafeMutableRawPointer
  private let shape: Shape

  /// Zeros, which take no memory before they are written.
  init(_ shape: Shape) {
    self.shape = shape
    let memory = mmap(nil, shape.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("out of memory: \(shape.bytes) bytes") }
    self.memory = memory
  }

  deinit { munmap(memory, shape.bytes) }

  func copy() -> KeyValuePage {
    let page = KeyValuePage(shape)
    page.memory.copyMemory(from: memory, byteCount: shape.bytes)
    return page
  }

  func write(head: Int, slot: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>) {
    let width = shape.headWidth
    let keys = head * shape.valuesOfHead + slot
    let values = head * shape.valuesOfHead + (Self.positions + slot) * width
    if shape.halves {
      let memory = memory.assumingMemoryBound(to: UInt16.self)
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: width) { halves in
        guard let halves = halves.baseAddress else { return }
        kernels.halves_from_floats(key, halves, width)
        for index in 0..<width { memory[keys + index * Self.positions] = halves[index] }
      }
      kernels.halves_from_floats(value, memory + values, width)
    } else {
      let memory = memory.assumingMemoryBound(to: Float.self)
      for index in 0..<width { memory[keys + index * Self.positions] = key[index] }
      (memory + values).update(from: value, count: width)
    }
  }
}
