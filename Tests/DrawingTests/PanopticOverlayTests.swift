import CrayonCore
import Drawing
import TestSupport
import Testing

/// Overlays of maps of any size: what is painted, and that there is room for a legend.
@Suite struct PanopticOverlayTests {
  static func grey(_ width: Int, _ height: Int) -> RGBImage {
    RGBImage(width: width, height: height, pixels: Array(repeating: 128, count: width * height * 3))
  }

  /// Vertical stripes of things of one class, with a stripe of void at the left.
  static func stripes(_ count: Int, width: Int, height: Int) throws -> PanopticMap {
    let cup = try #require(CategoryTable.coco.category(named: "cup"))
    let ids = (0..<width * height).map { Int32($0 % width * (count + 1) / width) }
    let labels = (1...count).map { (Int32($0), PanopticMap.Label(category: cup)) }
    return try PanopticMap(
      width: width, height: height, ids: ids, labels: Dictionary(uniqueKeysWithValues: labels))
  }

  /// The share of pixels that differ from a picture's in the part that shows it.
  static func changed(_ overlay: RGBImage, width: Int, height: Int) -> Double {
    var count = 0
    for y in 0..<height {
      for x in 0..<width {
        let at = (y * overlay.width + x) * 3
        if overlay.pixels[at..<at + 3].contains(where: { $0 != 128 }) { count += 1 }
      }
    }
    return Double(count) / Double(width * height)
  }

  @Test(arguments: [(640, 480), (1000, 30), (30, 1000)])
  func thePictureIsPaintedAndTheLegendLiesBelow(width: Int, height: Int) throws {
    let overlay = try PanopticOverlay(
      Self.grey(width, height), Self.stripes(3, width: width, height: height))
    #expect(overlay.image.height > height && overlay.image.width >= width)
    #expect(Self.changed(overlay.image, width: width, height: height) > 0.9)
  }

  @Test func smallPicturesAreEnlargedSoThatNamesAreLegible() throws {
    let overlay = try PanopticOverlay(Self.grey(64, 48), Self.stripes(2, width: 64, height: 48))
    #expect(overlay.image.width >= 384)
  }

  @Test func onePixel() throws {
    let cup = try #require(CategoryTable.coco.category(named: "cup"))
    let map = try PanopticMap(width: 1, height: 1, ids: [7], labels: [7: .init(category: cup)])
    #expect(try PanopticOverlay(Self.grey(1, 1), map).image.width >= 384)
  }

  @Test func nothingButVoidIsDimmedAndSaidSo() throws {
    let map = try PanopticMap(
      width: 400, height: 300, ids: Array(repeating: PanopticMap.void, count: 120_000), labels: [:])
    let overlay = try PanopticOverlay(Self.grey(400, 300), map)
    #expect(overlay.image.height > 300)
    #expect(overlay.image.pixels[0] < 128)
  }

  /// More segments than there is room for names of.
  @Test func twoHundredSegments() throws {
    let overlay = try PanopticOverlay(Self.grey(800, 100), Self.stripes(200, width: 800, height: 100))
    #expect(overlay.image.height > 100)
  }
}
