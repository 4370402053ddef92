public import Foundation

/// What a stage hands on: a value that can be written to a folder, looked at there, and read back equal.
public protocol Artifact: Sendable {
  /// The names of the files that ``write(to:)`` makes, as they sort in a listing ("2-panoptic.png").
  static var fileNames: [String] { get }

  /// Writes the artifact's files into an existing folder; each file appears whole or not at all.
  func write(to folder: URL) throws

  /// Reads back what ``write(to:)`` wrote, checking it as strictly as any foreign file.
  init(readingFrom folder: URL) throws
}
