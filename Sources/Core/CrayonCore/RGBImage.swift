public import Foundation
import PNGFiles
public import Resampling

/// A picture as every stage sees it: 8-bit sRGB, upright, without alpha.
///
/// Stage 1 makes these from files. `pixels` is row-major [height, width, 3].
public struct RGBImage: Sendable, Equatable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// [height, width, 3], row by row.
  public var pixels: [UInt8]

  /// - Precondition: `pixels.count == width * height * 3` and neither side is zero.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

extension RGBImage: Artifact {
  /// In a folder of artifacts.
  public static var fileNames: [String] { ["1-image.png"] }

  /// - Throws: `AtomicFileError`, or what encoding throws
  public func write(to folder: URL) throws {
    try writePNG(to: folder.appendingPathComponent(Self.fileNames[0]))
  }

  /// - Throws: an error that names the file and what is wrong with it
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

extension RGBImage {
  /// The picture at another size.
  /// - Precondition: neither side is zero.
  public func resized(width newWidth: Int, height newHeight: Int, by filter: ResamplingFilter) -> RGBImage {
    RGBImage(
      width: newWidth, height: newHeight,
      pixels: filter.resize(pixels, width: width, height: height, toWidth: newWidth, height: newHeight))
  }

  /// What a frame of `side`×`side` pixels shows of the picture.
  /// - Parameters:
  ///   - frame: how the square lies over the picture
  ///   - side: of the square, in pixels
  ///   - filter: by which the picture is scaled
  ///   - border: the colour of what lies outside of the picture
  /// - Precondition: `frame` is of a picture of this size, and `side` is that of its mode, if it has one.
  public func framed(
    _ frame: PictureFrame, side: Int, by filter: ResamplingFilter, border: SIMD3<UInt8>
  ) -> RGBImage {
    precondition(frame.width == width && frame.height == height && side > 0)
    switch frame.mode {
    case .squash:
      return resized(width: side, height: side, by: filter)
    case .padToSquare where frame.extent.width > 1 << 14:
      // A picture so thin that the square around it would be gigabytes is scaled before it is padded.
      func scaled(_ length: Int) -> Int {
        max(1, (length * side + frame.extent.width / 2) / frame.extent.width)
      }
      let (across, down) = (scaled(width), scaled(height))
      return resized(width: across, height: down, by: filter)
        .window((x: -((side - across) / 2), y: -((side - down) / 2)), extent: (side, side), border: border)
    case .padToSquare:
      return window(frame.origin, extent: frame.extent, border: border)
        .resized(width: side, height: side, by: filter)
    case .centreCrop, .corner, .middle:
      precondition(frame.extent == (side, side))
      let size = frame.resizedSize
      // A picture so thin that its long side would become gigabytes is cut first; its edges then repeat.
      if case .centreCrop = frame.mode, size.width * size.height > 1 << 26 {
        return cut(to: frame.visible)
          .resized(width: min(size.width, side), height: min(size.height, side), by: filter)
          .window(
            (x: min(frame.origin.x, 0), y: min(frame.origin.y, 0)), extent: (side, side), border: border)
      }
      return resized(width: size.width, height: size.height, by: filter)
        .window(frame.origin, extent: (side, side), border: border)
    }
  }

  /// The pixels that a box touches.
  private func cut(to box: PictureBox) -> RGBImage {
    let (x0, y0) = (min(max(Int(box.x0), 0), width - 1), min(max(Int(box.y0), 0), height - 1))
    let x1 = min(max(Int(box.x1.rounded(.up)), x0 + 1), width)
    let y1 = min(max(Int(box.y1.rounded(.up)), y0 + 1), height)
    return window((x: x0, y: y0), extent: (x1 - x0, y1 - y0), border: SIMD3(repeating: 0))
  }

  /// A rectangle of the picture, with a border where it has none.
  private func window(
    _ origin: (x: Int, y: Int), extent: (width: Int, height: Int), border: SIMD3<UInt8>
  ) -> RGBImage {
    if origin == (0, 0) && extent == (width, height) { return self }
    var out = [UInt8](repeating: 0, count: extent.width * extent.height * 3)
    for index in 0..<extent.width * extent.height {
      for channel in 0..<3 { out[index * 3 + channel] = border[channel] }
    }
    let columns = max(0, origin.x)..<max(origin.x, min(width, origin.x + extent.width))
    for y in max(0, origin.y)..<max(0, min(height, origin.y + extent.height)) where !columns.isEmpty {
      let from = (y * width + columns.lowerBound) * 3
      let to = ((y - origin.y) * extent.width + columns.lowerBound - origin.x) * 3
      out.replaceSubrange(to..<to + columns.count * 3, with: pixels[from..<from + columns.count * 3])
    }
    return RGBImage(width: extent.width, height: extent.height, pixels: out)
  }
}
