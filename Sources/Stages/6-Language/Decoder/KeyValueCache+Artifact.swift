import AtomicFiles
public import CrayonCore
public import Foundation

/// What a language model has read, as files: a later program goes on from there.
extension KeyValueCache: Artifact {
  /// In a folder of artifacts.
  public static var fileNames: [String] { ["6-reading.json", "6-reading.pages"] }

  private struct Sizes: Codable {
    var positions: Int
    var heads: Int
    var headWidth: Int
    var halves: Bool
  }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    let sizes = Sizes(positions: count, heads: shape.heads, headWidth: shape.headWidth, halves: shape.halves)
    try AtomicFile.write(
      try JSONEncoder().encode(sizes), to: folder.appendingPathComponent(Self.fileNames[0]))
    try AtomicFile.write(to: folder.appendingPathComponent(Self.fileNames[1])) { output in
      for page in pages {
        try output.append(
          Data(bytesNoCopy: page.memory, count: shape.bytes, deallocator: .none))
      }
    }
  }

  /// - Throws: `ArtifactError`
  public init(readingFrom folder: URL) throws {
    let files = Self.fileNames.map { folder.appendingPathComponent($0) }
    let sizes = try ArtifactError.decoding(Sizes.self, from: files[0])
    func inconsistent(_ reason: String) -> ArtifactError { .inconsistent(file: files[1].path, reason: reason) }
    let ranges = [(sizes.positions, 1 << 24), (sizes.heads, 1 << 20), (sizes.headWidth, 1024)]
    guard ranges.allSatisfy({ (1...$1).contains($0) }) else { throw inconsistent("its sizes are impossible") }
    shape = KeyValuePage.Shape(heads: sizes.heads, headWidth: sizes.headWidth, halves: sizes.halves)
    let data: Data
    do {
      data = try Data(contentsOf: files[1], options: .alwaysMapped)
    } catch {
      throw ArtifactError.unreadable(file: files[1].path, reason: error.localizedDescription)
    }
    let needed = (sizes.positions + KeyValuePage.positions - 1) / KeyValuePage.positions
    guard data.count / shape.bytes == needed, data.count % shape.bytes == 0 else {
      throw inconsistent("it has \(data.count) bytes, where \(sizes.positions) positions take \(needed) pages")
    }
    pages = data.withUnsafeBytes { bytes in
      (0..<needed).map { index in
        let page = KeyValuePage(shape)
        let stored = bytes[index * shape.bytes..<(index + 1) * shape.bytes]
        UnsafeMutableRawBufferPointer(start: page.memory, count: shape.bytes).copyBytes(from: stored)
        return page
      }
    }
    count = sizes.positions
  }

  /// Whether a decoder can go on from here.
  func fits(_ decoder: Decoder) -> Bool {
    shape == KeyValueCache(for: decoder.configuration, halves: decoder.keepsHalves).shape
  }
}
