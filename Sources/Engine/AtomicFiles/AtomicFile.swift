public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writing that leaves either the whole new file or what was there before: beside, synced, renamed.
public enum AtomicFile {
  /// How files that are not complete yet are named: a dot, the final name, and this.
  public static let unfinishedSuffix = ".part"

  /// Writes `data` under `url`, replacing what is there. The folder must exist.
  /// - Throws: ``AtomicFileError`` naming the step and the system's reason.
  public static func write(_ data: Data, to url: URL) throws {
    try write(to: url) { try $0.append(data) }
  }

  /// Writes what `body` appends, piece by piece: for files that need not fit into memory.
  /// - Throws: ``AtomicFileError``, or what `body` throws; then nothing has changed under `url`.
  public static func write(to url: URL, _ body: (inout Output) throws -> Void) throws {
    let folder = url.deletingLastPathComponent()
    let beside = folder.appendingPathComponent(
      unfinishedName(of: url, mark: "\(getpid())-\(UInt32.random(in: .min ... .max))"))
    var output = try Output(beside.path, target: url.path)
    do {
      defer { output.close() }
      try body(&output)
      try output.flush()
      guard fsync(output.descriptor) == 0 else { throw output.failure(.sync) }
    } catch {
      unlink(beside.path)
      throw error
    }
    guard rename(beside.path, url.path) == 0 else {
      let failure = output.failure(.rename)
      unlink(beside.path)
      throw failure
    }
    syncFolder(folder)
  }

  /// A name that is not longer than a file system takes, however long the final one is.
  static func unfinishedName(of url: URL, mark: String) -> String {
    var name = Substring(url.lastPathComponent)
    while name.utf8.count > 200 { name.removeLast() }
    return ".\(name).\(mark)\(unfinishedSuffix)"
  }

  /// Whether a file or folder under the name of what is unfinished was left there by a process that is no more: such a name
  /// carries the number of the one that writes.
  public static func isAbandoned(_ unfinished: URL) -> Bool {
    let number = unfinished.deletingPathExtension().pathExtension.split(separator: "-").first
    guard let process = number.flatMap({ pid_t($0) }) else { return false }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  /// Makes the rename itself durable. Some file systems refuse to sync a folder; the file is whole there
  /// all the same, so that is not an error.
  static func syncFolder(_ folder: URL) {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// An open file that is appended to.
  public struct Output {
    fileprivate let descriptor: Int32
    private let target: String
    private var pending = Data()

    fileprivate init(_ path: String, target: String) throws {
      self.target = target
      descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw AtomicFileError(path: target, step: .create, code: errno) }
    }

    /// - Throws: ``AtomicFileError``
    public mutating func append(_ data: Data) throws {
      pending.append(data)
      if pending.count >= 1 << 18 { try flush() }
    }

    /// Writes bytes at a place of the file, which need not have grown so far. What was appended before comes first, from
    /// the file's start.
    /// - Throws: ``AtomicFileError``
    public mutating func write(_ data: Data, at offset: Int) throws {
      try flush()
      try data.withUnsafeBytes { bytes in
        var written = 0
        while written < bytes.count {
          let count = pwrite(
            descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written, off_t(offset + written))
          if count < 0 && errno == EINTR { continue }
          guard count > 0 else { throw failure(.write) }
          written += count
        }
      }
    }

    fileprivate mutating func flush() throws {
      guard writeAll(pending, to: descriptor) == pending.count else { throw failure(.write) }
      pending.removeAll(keepingCapacity: true)
    }

    fileprivate func failure(_ step: AtomicFileError.Step) -> AtomicFileError {
      AtomicFileError(path: target, step: step, code: errno)
    }

    fileprivate func close() { _ = Glibc.close(descriptor) }
  }
}

/// Why a file could not be written.
public struct AtomicFileError: Error, Equatable, CustomStringConvertible {
  /// What failed.
  public enum Step: String, Sendable {
    case create, read, write, sync, rename
  }

  /// Of the file.
  public let path: String
  /// What failed.
  public let step: Step
  /// The system's `errno`.
  public let code: Int32

  public var description: String {
    "\(path) cannot be written: \(String(cString: strerror(code))) (while trying to \(step.rawValue) it)"
  }
}

/// Writes to a descriptor as often as it takes.
/// - Returns: how many bytes were written; where that is not all, `errno` says why
public func writeAll(_ data: Data, to descriptor: Int32) -> Int {
  data.withUnsafeBytes { bytes in
    var written = 0
    while written < bytes.count {
      let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      written += count
    }
    return written
  }
}
