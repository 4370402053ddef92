public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

#if _endian(big)
  #error("checkpoints are little-endian, and so must be the machine that maps them")
#endif

/// The bytes of a file, mapped read-only, so that opening costs nothing and pages come in when they are used.
///
/// Only regular files are opened. The size is taken once, when opening, and every range is checked against
/// it. What no program can check is a file that somebody cuts short while it is mapped: touching the lost
/// pages then ends the process with SIGBUS. Replace weights by renaming a new file over the old one.
///
/// Safe from every thread because nothing is written after `init`.
public final class MappedFile: @unchecked Sendable {
  /// The path that the file was opened by, for messages.
  public let path: String
  /// Lent only inside closures that keep the mapping: it goes with the last reference to the object.
  private let bytes: UnsafeRawBufferPointer
  private let ownership: Ownership

  private enum Ownership { case mapped, allocated, lent }

  /// In bytes.
  public var size: Int { bytes.count }

  /// - Throws: ``CheckpointError`` when `url` cannot be read, is no regular file, or is a pointer of Git LFS.
  public init(_ url: URL) throws {
    path = url.path
    // Non-blocking, so that opening a named pipe comes back and is refused below.
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw CheckpointError.unreadable(path: url.path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw CheckpointError.unreadable(path: url.path, code: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError.notAFile(path: url.path)
    }
    guard !GitLFSPointer.isOne(descriptor) else { throw CheckpointError.gitLFSPointer(path: url.path) }
    let size = Int(status.st_size)
    guard size > 0 else {
      // An empty mapping does not exist.
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      ownership = .lent
      return
    }
    let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw CheckpointError.unreadable(path: url.path, code: errno)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
    ownership = .mapped
  }

  /// The same interface over bytes that are in memory already, aligned as a mapping would be.
  /// - Parameter path: what messages call them
  package init(copying source: some Collection<UInt8>, path: String) {
    self.path = path
    ownership = .allocated
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 64)
    memory.copyBytes(from: source)
    bytes = UnsafeRawBufferPointer(memory)
  }

  /// Over memory that the caller keeps for longer than this object and every tensor made from it.
  package init(lending bytes: UnsafeRawBufferPointer, path: String) {
    self.path = path
    self.bytes = bytes
    ownership = .lent
  }

  deinit {
    switch ownership {
    case .mapped: munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    case .allocated: bytes.deallocate()
    case .lent: break
    }
  }

  /// Lets the system take back the memory of a part that will not be read again soon. Reading it all the same is no
  /// fault: the bytes come from the file again.
  package func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    guard case .mapped = ownership, let base = bytes.baseAddress, page > 0 else { return }
    let start = (max(range.lowerBound, 0) + page - 1) / page * page
    let end = range.upperBound >= size ? size : range.upperBound / page * page
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
  }

  /// Lends every byte; none for an empty file.
  package func readAll<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) { try body(bytes) }
  }

  /// Lends the bytes of `range`.
  /// - Throws: ``CheckpointError/tooShort(path:needed:size:)`` before any access when the file ends earlier.
  public func read<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw CheckpointError.tooShort(path: path, needed: range.upperBound, size: size)
    }
    return try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }
}

/// The small text file that a clone without Git LFS leaves where the file itself should be.
enum GitLFSPointer {
  /// How each begins.
  static let start = "version https://git-lfs.github.com/spec/"

  /// - Parameter descriptor: of a file that is open for reading
  static func isOne(_ descriptor: Int32) -> Bool {
    var bytes = [UInt8](repeating: 0, count: start.utf8.count)
    return pread(descriptor, &bytes, bytes.count, 0) == bytes.count && bytes.elementsEqual(start.utf8)
  }
}

/// Takes little-endian numbers and pieces out of a part of a file, one after the other.
package struct ByteReader {
  package let bytes: UnsafeRawBufferPointer
  /// The next byte; never behind the end.
  package private(set) var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Starts inside `bytes`, or is nil where that is not inside.
  package init?(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    guard (0...bytes.count).contains(position) else { return nil }
    self.bytes = bytes
    self.position = position
  }

  package var remaining: Int { bytes.count - position }

  /// The next `count` bytes, or nil where so many do not remain.
  package mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  package mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> Number? {
    take(MemoryLayout<Number>.size)?.loadUnaligned(as: type)
  }

  /// The bytes up to `end`, which is stepped over; nil where it does not come.
  package mutating func take(upTo end: UInt8) -> UnsafeRawBufferPointer? {
    guard let stop = bytes[position...].firstIndex(of: end) else { return nil }
    defer { position = stop + 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<stop])
  }
}
