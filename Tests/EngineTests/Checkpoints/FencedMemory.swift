import Checkpoints
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory that ends at a page nobody may touch, so that reading one byte too far ends the test at once.
final class FencedMemory {
  private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))
  private let region: UnsafeMutableRawBufferPointer

  /// - Parameter capacity: the most bytes that will be held
  init(capacity: Int) throws {
    let size = (capacity + Self.page - 1) / Self.page * Self.page
    let address = try #require(
      mmap(nil, size + Self.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    try #require(address != MAP_FAILED)
    try #require(mprotect(address + size, Self.page, PROT_NONE) == 0)
    region = UnsafeMutableRawBufferPointer(start: address, count: size)
  }

  deinit { munmap(region.baseAddress, region.count + Self.page) }

  /// A file whose last byte lies before the fence; the file before it is gone.
  func file(_ bytes: [UInt8]) throws -> MappedFile {
    try #require(bytes.count <= region.count)
    let place = UnsafeMutableRawBufferPointer(rebasing: region[(region.count - bytes.count)...])
    place.copyBytes(from: bytes)
    return MappedFile(lending: UnsafeRawBufferPointer(place), path: "mutant")
  }
}
