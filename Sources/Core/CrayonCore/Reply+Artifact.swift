public import Foundation

extension Reply: Artifact {
  public static var fileNames: [String] { ["6-reply.json"] }

  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      try encoder.encode(self), to: folder.appendingPathComponent(Self.fileNames[0]))
  }

  /// - Throws: ``ArtifactError``
  public init(readingFrom folder: URL) throws {
    let file = folder.appendingPathComponent(Self.fileNames[0])
    self = try ArtifactError.decoding(Reply.self, from: file)
    guard
      triggers.allSatisfy({ tokens.indices.contains($0.position) && (0...text.count).contains($0.textOffset) })
    else { throw ArtifactError.inconsistent(file: file.path, reason: "it points where there is no token") }
  }
}
