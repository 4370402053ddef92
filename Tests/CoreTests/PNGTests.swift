import Foundation
import PNGFiles
import TestSupport
import Testing

/// Bytes in, the same bytes out.
@Suite struct PNGTests {
  static func noise(_ width: Int, _ height: Int) -> PNG.Pixels {
    var numbers = SeededNumbers(seed: UInt64(width * 7 + height))
    return PNG.Pixels(
      width: width, height: height,
      rgb: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &numbers) })
  }

  @Test(arguments: [(1, 1), (7, 5), (300, 1), (1, 300), (129, 64)])
  func everyByteComesBack(width: Int, height: Int) throws {
    let pixels = Self.noise(width, height)
    for content in [PNG.Content.map, .photograph] {
      let isEqual = try PNG.decode(PNG.encode(pixels, as: content)) == pixels
      #expect(isEqual)
    }
  }

  @Test func idsAreThreeBytes() {
    let ids: [Int32] = [0, 1, 255, 256, 65535, 65536, 1 << 24 - 1]
    let pixels = PNG.Pixels(width: ids.count, height: 1, ids: ids)
    #expect(Array(pixels.rgb[3 * 5..<3 * 6]) == [0, 0, 1])
    #expect(pixels.ids == ids)
  }

  /// What another program wrote: a palette and a colour profile leave the numbers as they are.
  @Test func picturesByPillow() throws {
    let folder = Fixtures.folder.appendingPathComponent("1-Imaging")
    func pixels(_ name: String) throws -> PNG.Pixels {
      try PNG.decode(Data(contentsOf: folder.appendingPathComponent(name)))
    }
    #expect(try pixels("palette.png") == pixels("expected/palette.png"))
    #expect(try pixels("profile.png") == pixels("scene.png"))
    #expect(throws: PNGError.notRGB(reason: "16-bit samples")) { try pixels("rgb16.png") }
    #expect(throws: PNGError.notRGB(reason: "grey samples")) { try pixels("grey.png") }
  }

  /// An eraser leaves void, and a soft one what no id can be.
  @Test func whatIsTransparent() throws {
    let folder = Fixtures.folder.appendingPathComponent("1-Imaging")
    #expect(throws: PNGError.self) {
      try PNG.decode(Data(contentsOf: folder.appendingPathComponent("alpha.png")))
    }
    let erased = try PNG.decode(try #require(Data(base64Encoded: Self.erased)))
    #expect(erased.ids == [0, 5])
  }

  /// Of the ids 5 and 5, the first of which is transparent.
  private static let erased =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR4nGNgZWBgAOL/AAFEAQpJeYLCAAAAAElFTk"
    + "SuQmCC"

  @Test func aFileThatEndsEarly() throws {
    let data = try PNG.encode(Self.noise(64, 64), as: .photograph)
    for count in [0, 7, 8, 30, data.count / 2, data.count - 13] {
      #expect(throws: PNGError.self) { try PNG.decode(data.prefix(count)) }
    }
  }
}
