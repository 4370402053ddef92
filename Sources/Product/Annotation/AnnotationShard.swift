import CrayonCore
import Foundation

/// That a folder holds a part of a set, and whether that part is done: `shard-3-of-8.json`. Each part writes its own file,
/// so that several may share a folder.
public struct AnnotationShard: Codable, Equatable, Sendable {
  public var index: Int
  public var count: Int
  /// False until all its pictures have been tried.
  public var isFinished: Bool

  public init(index: Int, count: Int, isFinished: Bool) {
    self.index = index
    self.count = count
    self.isFinished = isFinished
  }

  private var fileName: String { "shard-\(index)-of-\(count).json" }

  /// - Throws: `OutputError` or `AtomicFileError`
  public func write(to folder: AnnotationFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try folder.write(
      try encoder.encode(self) + Data("\n".utf8), to: folder.url.appendingPathComponent(fileName))
  }

  /// Makes sure that folders hold all parts of one set, where any of them says that it holds a part.
  /// - Throws: ``AnnotationError/missingShards(count:missing:unfinished:)`` or
  ///   ``AnnotationError/otherShards(counts:)``
  static func requireAll(in folders: [URL]) throws {
    let shards = folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? [])
        .filter { $0.lastPathComponent.hasPrefix("shard-") && $0.pathExtension == "json" }
        .compactMap { FileManager.default.contents(atPath: $0.path) }
        .compactMap { try? JSONDecoder().decode(AnnotationShard.self, from: $0) }
    }
    let counts = Set(shards.map(\.count)).sorted()
    guard let count = counts.first else { return }
    guard counts.count == 1, (1...1 << 20).contains(count) else {
      throw AnnotationError.otherShards(counts: counts)
    }
    let finished = Set(shards.filter(\.isFinished).map(\.index))
    let begun = Set(shards.map(\.index))
    let missing = (1...count).filter { !begun.contains($0) }
    let unfinished = (1...count).filter { begun.contains($0) && !finished.contains($0) }
    guard missing.isEmpty, unfinished.isEmpty else {
      throw AnnotationError.missingShards(count: count, missing: missing, unfinished: unfinished)
    }
  }
}
