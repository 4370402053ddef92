import Foundation

/// A folder that is there whole or not at all: made beside under another name, then renamed.
enum NewFolder {
  static func make(_ target: URL, _ fill: (URL) throws -> Void) throws {
    let files = FileManager.default
    let part = target.deletingLastPathComponent().appendingPathComponent(".\(target.lastPathComponent).part")
    try? files.removeItem(at: part)
    try files.createDirectory(at: part, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: part) }
    try fill(part)
    try files.moveItem(at: part, to: target)
  }
}
