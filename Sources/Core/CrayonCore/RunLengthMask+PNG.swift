public import Foundation
import PNGFiles

extension RunLengthMask {
  /// The mask as a PNG of its size: white inside, black outside.
  public func encodedPNG() throws -> Data {
    let rgb = pixels.flatMap { inside -> [UInt8] in
      let value: UInt8 = inside ? 255 : 0
      return [value, value, value]
    }
    return try PNG.encode(PNG.Pixels(width: width, height: height, rgb: rgb), as: .map)
  }

  /// Writes it. The file appears whole or not at all.
  public func writePNG(to url: URL) throws { try AtomicFile.write(try encodedPNG(), to: url) }
}
