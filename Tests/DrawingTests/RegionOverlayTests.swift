import CrayonCore
import Testing

@testable import Drawing

/// Every region of an answer can be read, even where many lie over each other.
@Suite struct RegionOverlayTests {
  @Test func twentyRegionsOnASmallPicture() throws {
    let regions = (0..<20).map { index in
      Region(
        box: PictureBox(x0: Double(index), y0: 4, x1: Double(index) + 12, y1: 20),
        mask: RunLengthMask(width: 32, height: 32, pixels: (0..<1024).map { $0 % 32 == index }),
        phrase: "a cup", trigger: index)
    }
    let overlay = try RegionOverlay(
      RGBImage(width: 32, height: 32, pixels: Array(repeating: 0, count: 32 * 32 * 3)),
      Regions(width: 32, height: 32, regions: regions))
    #expect(overlay.image.width == 32 && overlay.image.pixels.contains { $0 != 0 })
  }

  static func overlaps(_ a: PixelBox, _ b: PixelBox) -> Bool {
    a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1
  }

  @Test func labelsOfEqualBoxesDoNotCoverEachOther() {
    var layout = LabelLayout(width: 640, height: 480)
    let box = PictureBox(x0: 100, y0: 60, x1: 300, y1: 200)
    let places = (0..<20).map { _ in layout.place(width: 90, height: 18, beside: box) }
    #expect(places[0] == PixelBox(x0: 100, y0: 42, x1: 190, y1: 60))
    for (index, place) in places.enumerated() {
      #expect(place.x0 >= 0 && place.y0 >= 0 && place.x1 <= 640 && place.y1 <= 480)
      #expect(!places[..<index].contains { Self.overlaps($0, place) })
    }
  }

  @Test func labelsStayOnThePicture() {
    var layout = LabelLayout(width: 100, height: 100)
    // At the upper edge within the box, at the right edge moved in, and one that is larger than the picture.
    #expect(
      layout.place(width: 40, height: 10, beside: PictureBox(x0: 5, y0: 3, x1: 60, y1: 40))
        == PixelBox(x0: 5, y0: 3, x1: 45, y1: 13))
    #expect(
      layout.place(width: 40, height: 10, beside: PictureBox(x0: 80, y0: 50, x1: 99, y1: 70))
        == PixelBox(x0: 60, y0: 40, x1: 100, y1: 50))
    #expect(
      layout.place(width: 300, height: 10, beside: PictureBox(x0: 5, y0: 90, x1: 60, y1: 99)).x0 == 0)
  }
}
