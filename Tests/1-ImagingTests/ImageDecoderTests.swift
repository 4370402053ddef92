import CrayonCore
import Foundation
import Imaging
import PNGFiles
import TestSupport
import Testing

/// Pictures that Pillow wrote in many formats, against what Pillow sees in them.
@Suite struct ImageDecoderTests {
  static let folder = Fixtures.folder.appendingPathComponent("1-Imaging")

  static func decoded(_ name: String) throws -> RGBImage {
    try ImageDecoder().run(.init(file: folder.appendingPathComponent(name)))
  }

  static func png(_ name: String) throws -> RGBImage {
    let pixels = try PNG.decode(Data(contentsOf: folder.appendingPathComponent(name)))
    return RGBImage(width: pixels.width, height: pixels.height, pixels: pixels.rgb)
  }

  /// The largest difference of any sample; nil where the sizes differ.
  static func difference(_ a: RGBImage, _ b: RGBImage) -> Int? {
    guard a.width == b.width, a.height == b.height else { return nil }
    return zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }.max()
  }

  @Test(arguments: [
    "scene.png", "scene.tif", "scene.bmp", "scene.ppm", "scene.webp", "deflate.tif", "rgb16.png", "profile.png",
    "grey-profile.tif",
  ])
  func whatLosesNothingIsExact(name: String) throws {
    #expect(Self.difference(try Self.decoded(name), try Self.png("scene.png")) == 0)
  }

  @Test(arguments: 1...8)
  func everyOrientationIsTurnedUpright(orientation: Int) throws {
    let scene = try Self.png("scene.png")
    #expect(Self.difference(try Self.decoded("orientation-\(orientation).webp"), scene) == 0)
    let jpeg = try #require(Self.difference(try Self.decoded("orientation-\(orientation).jpg"), scene))
    #expect(jpeg <= 6)
  }

  /// - Parameter tolerance: 1 where the two round differently
  @Test(arguments: [
    ("palette.png", 0), ("frames.gif", 0), ("grey.png", 0), ("grey16.png", 0), ("alpha.png", 1),
    ("grey-alpha.png", 1),
  ])
  func palettesFramesGreyAndTransparency(name: String, tolerance: Int) throws {
    let stem = name.split(separator: ".")[0]
    let difference = try #require(
      Self.difference(try Self.decoded(name), try Self.png("expected/\(stem).png")))
    #expect(difference <= tolerance)
  }

  @Test func lossyGreyAndProgressiveStayClose() throws {
    let grey = try #require(
      Self.difference(try Self.decoded("grey.jpg"), try Self.png("expected/grey.png")))
    #expect(grey <= 4)
    let progressive = try #require(
      Self.difference(try Self.decoded("progressive.jpg"), try Self.png("scene.png")))
    #expect(progressive <= 6)
  }

  @Test func inkBecomesLight() throws {
    let ink = try Self.decoded("ink.jpg")
    #expect(ink.width == 24 && ink.height == 16)
    for y in 0..<16 {
      for (x, wanted) in [(2, 255), (21, 0)] {
        for channel in 0..<3 {
          // A press has no perfect black.
          #expect(abs(Int(ink.pixels[(y * 24 + x) * 3 + channel]) - wanted) <= 60)
        }
      }
    }
  }

  @Test func labBecomesTheSameColours() throws {
    let difference = try #require(
      Self.difference(try Self.decoded("lab.tif"), try Self.png("scene.png")))
    // Eight bits are that coarse in saturated green: Pillow's own way back is off by 16.
    #expect(difference <= 24)
  }

  @Test func contentDecidesAndNotTheName() throws {
    let data = try Data(contentsOf: Self.folder.appendingPathComponent("scene.webp"))
    let picture = try ImageDecoder().run(.init(name: "picture.jpg", data: data))
    #expect(Self.difference(picture, try Self.png("scene.png")) == 0)
  }

  @Test func oneStagesOutputReadsBack() throws {
    let folder = try TemporaryFolder()
    let scene = try Self.decoded("scene.bmp")
    try scene.write(to: folder.url)
    #expect(try RGBImage(readingFrom: folder.url) == scene)
  }

  /// A portable map says what its white is: cameras write 12 bits.
  @Test(arguments: [("P2", 4095), ("P2", 1023), ("P2", 100), ("P3", 4095), ("P2", 255), ("P2", 65535)])
  func theWhiteOfAPortableMap(kind: String, white: Int) throws {
    let levels = [0, white / 3, white / 2, white]
    let text = levels.map { level in
      Array(repeating: "\(level)", count: kind == "P3" ? 3 : 1).joined(separator: " ")
    }
    let data = Data("\(kind)\n4 1\n\(white)\n\(text.joined(separator: "\n"))\n".utf8)
    let image = try ImageDecoder().run(.init(name: "map", data: data))
    for (place, level) in levels.enumerated() {
      let wanted = Double(level) * 255 / Double(white)
      #expect(abs(Double(image.pixels[3 * place]) - wanted) <= 1, "\(level) of \(white): \(image.pixels)")
    }
  }
}
