public import Foundation
import PNGFiles

extension RunLengthMask {
  /// Writes the mask as a PNG of its size: white inside, black outside. The file appears whole or not at all.
  public func writePNG(to url: URL) throws {
    let rgb = pixels.flatMap { inside -> [UInt8] in
      let value: UInt8 = inside ? 255 : 0
      return [value, value, value]
    }
    try AtomicFile.write(try PNG.encode(PNG.Pixels(width: width, height: height, rgb: rgb), as: .map), to: url)
  }
}
