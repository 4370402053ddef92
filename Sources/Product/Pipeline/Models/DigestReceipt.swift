import Checkpoints
import Foundation

/// Hashes of weights, kept from run to run: a question need not read gigabytes only to name them.
///
/// A receipt holds for files of the same path, size, inode and times of change; whoever writes to one makes it void. One
/// that cannot be kept is no error: the hash is computed again next time.
enum DigestReceipt {
  /// `Checkpoint.digest()`, or of the tensors under a prefix `Checkpoint.digest(under:)`.
  static func digest(of checkpoint: Checkpoint, under prefix: String? = nil) throws -> String {
    let receipt = name(of: checkpoint.files.map(\.path), under: prefix)
      .map { folder.appendingPathComponent($0) }
    if let receipt, let text = try? String(contentsOf: receipt, encoding: .utf8), text.count == 64,
      text.allSatisfy(\.isHexDigit)
    {
      return text
    }
    let digest = try prefix.map { try checkpoint.digest(under: $0) } ?? checkpoint.digest()
    if let receipt {
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try? Data(digest.utf8).write(to: receipt, options: .atomic)
    }
    return digest
  }

  /// Beside the cache of the stages' results.
  private static var folder: URL {
    StageCache.standard.folder.deletingLastPathComponent().appendingPathComponent("crayon-digests")
  }

  /// nil for files that are so new that they could be written again within the same tick of the clock.
  private static func name(of paths: [String], under prefix: String?) -> String? {
    var facts = ["\(prefix ?? "")"]
    for path in paths.sorted() {
      var status = stat()
      guard stat(path, &status) == 0, time(nil) - max(status.st_mtim.tv_sec, status.st_ctim.tv_sec) > 2 else {
        return nil
      }
      let times = [status.st_mtim, status.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }
      facts.append("\(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(times)")
    }
    return String(FileDigest.sha256(of: Data(facts.joined(separator: "\n").utf8)).prefix(32))
  }
}
