import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Keeps a few large buffers for the next tensor of about their size.
///
/// Fresh memory costs a page fault every 4 KB, which for the feature maps of a segmenter costs as much as
/// the arithmetic on them; a layer's output is usually as large as the previous layer's.
final class BufferPool: Sendable {
  static let shared = BufferPool()

  /// Smaller buffers are the allocator's business.
  private static let smallestKept = 1 << 20
  /// The most that lies unused at any time.
  private static let capacity = 256 << 20

  private struct Shelf {
    /// By size in bytes, most recently returned last.
    var buffers: [(bytes: Int, address: UInt)] = []
    var bytes = 0
  }
  private let shelf = Mutex(Shelf())

  func take(floats: Int) -> UnsafeMutablePointer<Float> {
    let bytes = Self.size(floats: floats)
    if bytes >= Self.smallestKept, let address = takeKept(bytes),
      let pointer = UnsafeMutableRawPointer(bitPattern: address)
    {
      return pointer.bindMemory(to: Float.self, capacity: floats)
    }
    // Huge pages where the size is worth one: fewer faults and fewer misses of the address cache.
    let isLarge = bytes >= 4 << 20
    let alignment = isLarge ? 2 << 20 : 64
    guard let pointer = aligned_alloc(alignment, bytes) else {
      // The kernel over-commits; a request that fails here is far beyond the machine.
      fatalError("out of memory: \(bytes) bytes")
    }
    #if os(Linux)
      if isLarge { madvise(pointer, bytes, MADV_HUGEPAGE) }
    #endif
    return pointer.bindMemory(to: Float.self, capacity: floats)
  }

  func giveBack(_ values: UnsafeMutablePointer<Float>, floats: Int) {
    let bytes = Self.size(floats: floats)
    guard bytes >= Self.smallestKept else { return free(values) }
    let dropped = shelf.withLock { shelf in
      shelf.buffers.append((bytes, UInt(bitPattern: values)))
      shelf.bytes += bytes
      var dropped: [UInt] = []
      while shelf.bytes > Self.capacity {
        let oldest = shelf.buffers.removeFirst()
        shelf.bytes -= oldest.bytes
        dropped.append(oldest.address)
      }
      return dropped
    }
    for address in dropped { free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  private func takeKept(_ bytes: Int) -> UInt? {
    shelf.withLock { shelf in
      guard let index = shelf.buffers.lastIndex(where: { $0.bytes == bytes }) else { return nil }
      shelf.bytes -= bytes
      return shelf.buffers.remove(at: index).address
    }
  }

  /// Rounded up so that neighbouring sizes share a shelf, and as `aligned_alloc` wants it.
  private static func size(floats: Int) -> Int {
    let bytes = max(floats, 1) * MemoryLayout<Float>.stride
    let grain = bytes >= 4 << 20 ? 2 << 20 : 64
    return (bytes + grain - 1) / grain * grain
  }
}

/// Lends memory for `count` values that are not needed afterwards; they are undefined at first.
package func withScratch<Result>(
  _ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
) rethrows -> Result {
  let values = BufferPool.shared.take(floats: count)
  defer { BufferPool.shared.giveBack(values, floats: count) }
  return try body(values)
}
