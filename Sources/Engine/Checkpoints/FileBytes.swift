public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of a file, mapped into memory and read-only.
///
/// Safe to use from several threads because nothing ever writes the bytes. A file that somebody else cuts
/// short while it is mapped still ends the process: no reader of mapped memory can prevent that.
public final class FileBytes: @unchecked Sendable {
  /// For messages.
  public let path: String
  public let count: Int
  private let start: UnsafeRawPointer
  private let isMapped: Bool

  /// Maps a file.
  /// - Throws: ``CheckpointError`` when it cannot be opened or is not a regular file.
  public init(mapping url: URL) throws {
    path = url.path
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw CheckpointError.cannotOpen(file: url.path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError.notAFile(file: url.path)
    }
    count = Int(status.st_size)
    guard count > 0 else {
      throw CheckpointError.damaged(file: url.path, what: "it is empty")
    }
    guard let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED
    else {
      throw CheckpointError.cannotOpen(file: url.path, reason: String(cString: strerror(errno)))
    }
    start = UnsafeRawPointer(mapped)
    isMapped = true
  }

  /// A copy of bytes in memory, for parsers to be tested on.
  package init(_ bytes: [UInt8], path: String) {
    self.path = path
    count = bytes.count
    let copy = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
    copy.initializeMemory(as: UInt8.self, from: bytes, count: bytes.count)
    start = UnsafeRawPointer(copy)
    isMapped = false
  }

  deinit {
    let memory = UnsafeMutableRawPointer(mutating: start)
    if isMapped { munmap(memory, count) } else { memory.deallocate() }
  }

  /// Lends a part of the bytes.
  /// - Returns: nil where the range is not inside the file.
  func read<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result? {
    guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
    return try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
    }
  }

  /// Where the bytes lie; only for tensors that keep this object alive.
  func address(of offset: Int) -> UnsafeRawPointer { start + offset }

  /// A little-endian number, or nil where the file ends before it does.
  func integer<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
    guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return nil }
    return Value(littleEndian: (start + offset).loadUnaligned(as: Value.self))
  }

  func damaged(_ what: String) -> CheckpointError { .damaged(file: path, what: what) }
}
