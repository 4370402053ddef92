public import Foundation

extension CrayonPrompt: Artifact {
  /// The exact values, and the words alone; the grids as pictures are drawn by the stage.
  public static var fileNames: [String] { ["3-crayon.json", "3-listing.txt"] }

  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      try encoder.encode(self), to: folder.appendingPathComponent(Self.fileNames[0]))
    try AtomicFile.write(
      Data((listing + "\n").utf8), to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  /// - Throws: ``ArtifactError``
  public init(readingFrom folder: URL) throws {
    let file = folder.appendingPathComponent(Self.fileNames[0])
    self = try ArtifactError.decoding(CrayonPrompt.self, from: file)
    guard grid.rows > 0, grid.columns > 0, grid.rows <= 1024, grid.columns <= 1024,
      [ids.count, semantic.count, numbering.count].allSatisfy({ $0 == grid.count })
    else {
      throw ArtifactError.inconsistent(file: file.path, reason: "its grids have other sizes than it says")
    }
    let known = Set(objects.map { $0.id })
    guard ids.allSatisfy({ $0 == PanopticMap.void || known.contains($0) }),
      (semantic + numbering).allSatisfy({ $0 >= 0 })
    else {
      throw ArtifactError.inconsistent(file: file.path, reason: "its grids name segments that it does not list")
    }
  }
}
