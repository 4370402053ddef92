import CrayonCore
import Foundation

/// A line of `failures.jsonl`: what was not annotated, and why.
public struct AnnotationFailure: Codable, Equatable, Sendable {
  public var file: String
  public var path: String
  public var reason: String

  init(file: String, path: String, reason: String) {
    self.file = file
    self.path = path
    self.reason = reason
  }

  /// Replaces what the file says of the pictures that were tried now; what other runs (other shards) said of
  /// theirs stays, as long as those pictures are there. Without failures there is no file.
  /// - Parameter tried: paths
  static func write(
    _ failures: [AnnotationFailure], tried: [String], to folder: AnnotationFolder,
    keepingMissing: Bool = false
  ) throws {
    let tried = Set(tried + failures.map(\.path))
    let others = read(folder).filter { failure in
      !tried.contains(failure.path) && (keepingMissing || isThere(failure.path))
    }
    let all = (others + failures).sorted { ($0.file, $0.path) < ($1.file, $1.path) }
    guard !all.isEmpty else {
      try? FileManager.default.removeItem(at: folder.failuresFile)
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(to: folder.failuresFile) { output in
      for failure in all { try output.append(try encoder.encode(failure) + Data("\n".utf8)) }
    }
  }

  static func read(_ folder: AnnotationFolder) -> [AnnotationFailure] {
    let data = FileManager.default.contents(atPath: folder.failuresFile.path) ?? Data()
    return data.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(AnnotationFailure.self, from: $0)
    }
  }

  /// Also a link that leads nowhere.
  private static func isThere(_ path: String) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: path)) != nil
  }
}
