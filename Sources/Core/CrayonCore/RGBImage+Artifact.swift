public import Foundation
import PNGFiles

extension RGBImage: Artifact {
  public static var fileNames: [String] { ["1-image.png"] }

  public func write(to folder: URL) throws {
    try writePNG(to: folder.appendingPathComponent(Self.fileNames[0]))
  }

  public init(readingFrom folder: URL) throws {
    let data = try Data(contentsOf: folder.appendingPathComponent(Self.fileNames[0]))
    let decoded = try PNG.decode(data)
    self.init(width: decoded.width, height: decoded.height, pixels: decoded.rgb)
  }

  /// Writes the picture as PNG; the file appears whole or not at all.
  public func writePNG(to url: URL) throws {
    try AtomicFile.write(try encodedPNG(), to: url)
  }

  /// The picture as the bytes of a PNG.
  public func encodedPNG() throws -> Data {
    try PNG.encode(PNG.Pixels(width: width, height: height, rgb: pixels), as: .photograph)
  }
}
