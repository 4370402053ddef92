public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writing that leaves either the whole new file or what was there before: beside, synced, renamed.
public enum AtomicFile {
  /// Writes `data` under `url`, replacing what is there. The folder must exist.
  /// - Throws: ``AtomicFileError`` naming the step and the system's reason.
  public static func write(_ data: Data, to url: URL) throws {
    let folder = url.deletingLastPathComponent()
    let beside = folder.appendingPathComponent(
      ".\(url.lastPathComponent).\(getpid()).\(UInt32.random(in: .min ... .max)).part")
    do {
      let file = open(beside.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard file >= 0 else { throw AtomicFileError(path: url.path, step: .create, code: errno) }
      defer { close(file) }
      try data.withUnsafeBytes { bytes in
        var offset = 0
        while offset < bytes.count {
          let count = Glibc.write(file, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
          if count < 0 && errno == EINTR { continue }
          guard count > 0 else { throw AtomicFileError(path: url.path, step: .write, code: errno) }
          offset += count
        }
      }
      guard fsync(file) == 0 else {
        throw AtomicFileError(path: url.path, step: .sync, code: errno)
      }
      guard rename(beside.path, url.path) == 0 else {
        throw AtomicFileError(path: url.path, step: .rename, code: errno)
      }
    } catch {
      unlink(beside.path)
      throw error
    }
    syncFolder(folder)
  }

  /// Makes the rename itself durable. Some file systems refuse to sync a folder; the file is whole there
  /// all the same, so that is not an error.
  private static func syncFolder(_ folder: URL) {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
