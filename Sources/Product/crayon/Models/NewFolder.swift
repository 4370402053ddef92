import AtomicFiles
import Foundation

/// A folder that is there whole or not at all: made beside under another name, then renamed.
enum NewFolder {
  /// - Throws: `OutputError`, or what `fill` throws
  static func make(_ target: URL, _ fill: (URL) throws -> Void) throws {
    let files = FileManager.default
    let part = target.deletingLastPathComponent().appendingPathComponent(".\(target.lastPathComponent).part")
    try? files.removeItem(at: part)
    try OutputFolder.make(part)
    defer { try? files.removeItem(at: part) }
    try fill(part)
    guard rename(part.path, target.path) == 0 else {
      throw OutputError(path: target.path, reason: String(cString: strerror(errno)))
    }
  }
}
