public import Foundation

/// The picture with the regions drawn over it is made by whoever has the picture: `7-overlay.png`.
extension Regions: Artifact {
  public static var fileNames: [String] { ["7-regions.json"] }

  public func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(
      try encoder.encode(self), to: folder.appendingPathComponent(Self.fileNames[0]))
  }

  /// - Throws: ``ArtifactError``
  public init(readingFrom folder: URL) throws {
    let file = folder.appendingPathComponent(Self.fileNames[0])
    self = try ArtifactError.decoding(Regions.self, from: file)
    for region in regions {
      guard region.box.hasArea else {
        throw ArtifactError.inconsistent(file: file.path, reason: "a box has no area")
      }
      if let mask = region.mask, mask.width != width || mask.height != height {
        throw ArtifactError.inconsistent(file: file.path, reason: "a mask has another size than the picture")
      }
    }
  }
}
