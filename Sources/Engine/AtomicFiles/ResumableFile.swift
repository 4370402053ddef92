public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that comes in pieces, over several runs of a program if need be: it grows under another name beside its own,
/// and gets its own only when it is whole.
///
/// One owner at a time: a lock on the file keeps other programs away.
public struct ResumableFile: ~Copyable {
  /// What it is to become.
  public let url: URL
  /// What it is until then.
  public let part: URL
  /// Bytes that are there.
  public private(set) var length: Int
  private let descriptor: Int32

  /// Opens what an earlier run has left, or begins anew.
  /// - Parameters:
  ///   - url: what the file is called when it is whole; until then it lies beside it under another name
  ///   - mark: of the content; what was left of another content is not continued
  /// - Returns: nil where another program has it open
  /// - Throws: ``AtomicFileError``
  public static func open(_ url: URL, mark: String) throws -> ResumableFile? {
    let part = part(of: url, mark: mark)
    let descriptor = Glibc.open(part.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw AtomicFileError(path: url.path, step: .create, code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let failure = AtomicFileError(path: url.path, step: .create, code: errno)
      close(descriptor)
      throw failure
    }
    // Between the two calls another program may have given the file its name.
    var named = stat()
    guard stat(part.path, &named) == 0, named.st_ino == status.st_ino, named.st_dev == status.st_dev else {
      close(descriptor)
      return nil
    }
    return ResumableFile(url: url, part: part, length: Int(status.st_size), descriptor: descriptor)
  }

  /// The name of a file that is not whole yet.
  public static func part(of url: URL, mark: String) -> URL {
    url.deletingLastPathComponent()
      .appendingPathComponent(AtomicFile.unfinishedName(of: url, mark: "\(mark.prefix(markLength))"))
  }

  private static let markLength = 16

  /// Takes away what is unfinished in a folder, and in those below it, and that no program is at.
  /// - Parameter wanted: what is to be gone on with, as ``part(of:mark:)`` calls it
  public static func removeUnfinished(below folder: URL, except wanted: [URL]) {
    let wanted = Set(wanted.map(\.path))
    let names = FileManager.default.enumerator(atPath: folder.path)
    while let name = names?.nextObject() as? String {
      let file = folder.appendingPathComponent(name)
      guard name.hasSuffix(AtomicFile.unfinishedSuffix), !wanted.contains(file.path) else { continue }
      if AtomicFile.isAbandoned(file) { unlink(file.path) }
      // Its own kind, and no other's whose name ends so.
      let mark = file.deletingPathExtension().pathExtension
      guard mark.utf8.count == markLength, mark.allSatisfy(\.isHexDigit) else { continue }
      let descriptor = Glibc.open(file.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(file.path) }
      close(descriptor)
    }
  }

  private init(url: URL, part: URL, length: Int, descriptor: Int32) {
    self.url = url
    self.part = part
    self.length = length
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Lends the bytes that are there, piece by piece.
  /// - Throws: ``AtomicFileError``
  public func forEachPiece(_ body: (Data) -> Void) throws {
    var offset = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 22)
    while offset < length {
      let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure(.read) }
      body(Data(buffer[..<count]))
      offset += count
    }
  }

  /// - Throws: ``AtomicFileError``
  public mutating func append(_ data: Data) throws {
    let written = writeAll(data, to: descriptor)
    length += written
    guard written == data.count else { throw failure(.write) }
  }

  /// Forgets what is there.
  /// - Throws: ``AtomicFileError``
  public mutating func restart() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw failure(.write) }
    length = 0
  }

  /// Gives the file its name.
  /// - Throws: ``AtomicFileError``
  public consuming func finish() throws {
    guard fsync(descriptor) == 0 else { throw failure(.sync) }
    guard rename(part.path, url.path) == 0 else { throw failure(.rename) }
    AtomicFile.syncFolder(url.deletingLastPathComponent())
  }

  /// Leaves nothing of it.
  public consuming func discard() { unlink(part.path) }

  private func failure(_ step: AtomicFileError.Step) -> AtomicFileError {
    AtomicFileError(path: url.path, step: step, code: errno)
  }
}
