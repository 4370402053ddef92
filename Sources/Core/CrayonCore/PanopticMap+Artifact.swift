public import Foundation

extension PanopticMap: Artifact {
  public static var fileNames: [String] { ["2-panoptic.png", "2-panoptic.json"] }

  public func write(to folder: URL) throws {
    let png = folder.appendingPathComponent(Self.fileNames[0])
    try AtomicFile.write(try encodedPNG(name: png.path), to: png)
    let file = SingleMap(
      segments_info: segmentsInfo,
      categories: Set(self.segments.map(\.category)).sorted { $0.id < $1.id }.map(COCOPanoptic.Entry.init))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try AtomicFile.write(
      try encoder.encode(file), to: folder.appendingPathComponent(Self.fileNames[1]))
  }

  public init(readingFrom folder: URL) throws {
    try self.init(readingPNG: folder.appendingPathComponent(Self.fileNames[0]))
  }
}

/// What `2-panoptic.json` holds.
private struct SingleMap: Encodable {
  var segments_info: [COCOPanoptic.SegmentInfo]
  var categories: [COCOPanoptic.Entry]
}
