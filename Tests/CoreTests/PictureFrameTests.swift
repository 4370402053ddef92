import CrayonCore
import TestSupport
import Testing

/// What a model says of its square is said of the right pixels of the picture, for every way of making the square.
@Suite struct PictureFrameTests {
  static let modes: [PictureFrame.Mode] = [
    .squash, .padToSquare, .centreCrop(edge: 336, crop: 336), .centreCrop(edge: 256, crop: 224),
    .centreCrop(edge: 224, crop: 256), .corner(side: 1024), .middle(side: 1024),
  ]

  static func randomFrame(_ mode: PictureFrame.Mode, _ numbers: inout SeededNumbers) -> PictureFrame {
    PictureFrame(
      mode, width: Int.random(in: 1...6000, using: &numbers),
      height: Int.random(in: 1...6000, using: &numbers))
  }

  static func distance(_ a: PictureBox, _ b: PictureBox) -> Double {
    [a.x0 - b.x0, a.y0 - b.y0, a.x1 - b.x1, a.y1 - b.y1].map(abs).max() ?? .infinity
  }

  /// As the models see it: in single precision.
  static func rounded(_ box: FrameBox) -> FrameBox {
    func rounded(_ value: Double) -> Double { Double(Float(value)) }
    return FrameBox(x0: rounded(box.x0), y0: rounded(box.y0), x1: rounded(box.x1), y1: rounded(box.y1))
  }

  @Test(arguments: modes)
  func tenThousandBoxesComeBackWithinHalfAPixel(mode: PictureFrame.Mode) {
    var numbers = SeededNumbers(seed: 11)
    var worst = 0.0
    for _ in 0..<10_000 {
      let frame = Self.randomFrame(mode, &numbers)
      func pair(_ length: Int) -> (Double, Double) {
        let a = Double.random(in: 0...Double(length), using: &numbers)
        let b = Double.random(in: 0...Double(length), using: &numbers)
        return (min(a, b), max(a, b))
      }
      let (x, y) = (pair(frame.width), pair(frame.height))
      let box = PictureBox(x0: x.0, y0: y.0, x1: x.1, y1: y.1)
      worst = max(worst, Self.distance(frame.pictureBox(of: Self.rounded(frame.frameBox(of: box))), box))
      // Cut at the frame's edges, what the model sees of the box comes back.
      if let seen = box.intersection(frame.visible), let clipped = frame.clippedFrameBox(of: box) {
        let back = frame.pictureBox(of: Self.rounded(clipped))
        worst = max(worst, Self.distance(back, seen))
        let isInside = clipped.edges.allSatisfy { (0...1).contains($0) }
        #expect(isInside)
      }
    }
    #expect(worst < 0.5)
  }

  @Test func squashStretchesEachAxisByItself() {
    let frame = PictureFrame(.squash, width: 640, height: 480)
    let box = frame.pictureBox(of: FrameBox(x0: 0.25, y0: 0.5, x1: 1, y1: 0.75))
    #expect(box == PictureBox(x0: 160, y0: 240, x1: 640, y1: 360))
  }

  @Test func paddingPutsTheOddPixelBelow() {
    // 5 rows are missing: 2 above, 3 below.
    let frame = PictureFrame(.padToSquare, width: 20, height: 15)
    #expect(frame.pictureBox(of: .whole) == PictureBox(x0: 0, y0: -2, x1: 20, y1: 18))
    #expect(frame.clippedPictureBox(of: .whole) == PictureBox(x0: 0, y0: 0, x1: 20, y1: 15))
    #expect(frame.clippedPictureBox(of: FrameBox(x0: 0, y0: 0, x1: 1, y1: 0.1)) == nil)
  }

  @Test func theCropSeesTheMiddle() {
    // 336×448 after resizing; the crop starts in row 56.
    let frame = PictureFrame(.centreCrop(edge: 336, crop: 336), width: 600, height: 800)
    #expect(frame.resizedSize == (336, 448))
    let visible = frame.visible
    #expect(abs(visible.y0 - 100) < 1e-9 && abs(visible.y1 - 700) < 1e-9 && visible.x1 == 600)
    #expect(frame.clippedFrameBox(of: PictureBox(x0: 0, y0: 0, x1: 600, y1: 99)) == nil)
    #expect(frame.clippedFrameBox(of: PictureBox(x0: 0, y0: 0, x1: 600, y1: 800)) == .whole)
  }

  @Test func theCornerHoldsThePicture() {
    let frame = PictureFrame(.corner(side: 1024), width: 512, height: 256)
    #expect(frame.resizedSize == (1024, 512))
    #expect(frame.frameBox(of: frame.pictureBounds) == FrameBox(x0: 0, y0: 0, x1: 1, y1: 0.5))
  }

  @Test func theMiddleHoldsThePicture() {
    // 512 rows are missing, 256 of them above.
    let frame = PictureFrame(.middle(side: 1024), width: 512, height: 256)
    #expect(frame.frameBox(of: frame.pictureBounds) == FrameBox(x0: 0, y0: 0.25, x1: 1, y1: 0.75))
  }

  @Test(arguments: PictureFrameTests.modes)
  func noBoxComesOfANaNOrOfNothing(mode: PictureFrame.Mode) {
    let frame = PictureFrame(mode, width: 640, height: 480)
    #expect(frame.clippedPictureBox(of: FrameBox(x0: .nan, y0: 0, x1: 1, y1: 1)) == nil)
    #expect(frame.clippedPictureBox(of: FrameBox(x0: 0.5, y0: 0.5, x1: 0.5, y1: 1)) == nil)
    #expect(frame.clippedPictureBox(of: FrameBox(x0: 0.6, y0: 0.5, x1: 0.5, y1: 1)) == nil)
    #expect(frame.clippedPictureBox(of: FrameBox(x0: 7, y0: 7, x1: 8, y1: 8)) == nil)
    #expect(frame.clippedFrameBox(of: PictureBox(x0: 10, y0: 10, x1: .infinity, y1: 20)) == nil)
  }

  /// The square around a line of a million pixels would be terabytes.
  @Test(arguments: [(1_000_000, 1), (1, 1_000_000), (40_000, 3)])
  func aLineIsScaledBeforeItIsPadded(width: Int, height: Int) {
    let image = RGBImage(
      width: width, height: height, pixels: [UInt8](repeating: 200, count: width * height * 3))
    let frame = PictureFrame(.padToSquare, width: width, height: height)
    let square = image.framed(frame, side: 64, by: .pillowBilinear, border: SIMD3(repeating: 0))
    #expect(square.width == 64 && square.height == 64)
    let inside = stride(from: 0, to: square.pixels.count, by: 3).count { square.pixels[$0] == 200 }
    #expect(inside == 64)
  }
}
