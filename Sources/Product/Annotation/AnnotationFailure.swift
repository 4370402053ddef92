import CrayonCore
import Foundation

/// A line of `failures.jsonl`.
struct AnnotationFailure: Codable, Equatable, Sendable {
  var file: String
  var path: String
  var reason: String

  init(_ input: AnnotationInput, reason: String) {
    file = input.name
    path = input.url.path
    self.reason = reason
  }

  /// Replaces what the file says of the pictures that were tried now; what other runs (other shards) said of
  /// theirs stays. Without failures there is no file.
  static func write(
    _ failures: [AnnotationFailure], tried: [String], to folder: AnnotationFolder
  ) throws {
    let tried = Set(tried)
    let others = read(folder).filter { !tried.contains($0.file) }
    let all = (others + failures).sorted { $0.file < $1.file }
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
}
