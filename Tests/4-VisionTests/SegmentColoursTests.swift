import CrayonCore
import TestSupport
import Testing
import Vision

@Suite struct SegmentColoursTests {
  /// A map of two segments and a void corner, over eight pixels in a row and one more row.
  static func measured() throws -> [[Float]] {
    let cup = try #require(CategoryTable.coco.category(named: "cup"))
    let map = try PanopticMap(
      width: 5, height: 2, ids: [7, 7, 7, 7, 0, 3, 3, 3, 3, 3],
      labels: [7: .init(category: cup), 3: .init(category: cup)])
    let red: [UInt8] = [10, 20, 30, 40, 250, 100, 100, 100, 200, 0]
    let image = RGBImage(width: 5, height: 2, pixels: red.flatMap { [$0, 0, 255] })
    let colours = SegmentColours.measure([3, 7], of: map, in: image)
    #expect(colours.shape == [2, SegmentColours.width])
    return (0..<2).map { colours.rows($0..<$0 + 1).values }
  }

  @Test func aSegmentIsMeasuredByItsOwnPixels() throws {
    let colours = try Self.measured()
    let (plain, ramp) = (colours[0], colours[1])
    #expect(abs(ramp[0] * 255 - 25) < 1e-4 && abs(plain[0] * 255 - 100) < 1e-4)
    // Of 10, 20, 30, 40 about 25; of 100, 100, 100, 200, 0 about 100.
    #expect(abs(ramp[3] * 255 - Float(125).squareRoot()) < 1e-3)
    #expect(abs(plain[3] * 255 - Float(4000).squareRoot()) < 1e-3)
    // Percentiles 10, 30, 50, 70 and 90 of red; green has one value, and so has blue.
    #expect(ramp[6..<11].map { ($0 * 255).rounded() } == [10, 20, 20, 30, 40])
    #expect(plain[6..<11].map { ($0 * 255).rounded() } == [0, 100, 100, 100, 200])
    #expect(ramp[11..<16].allSatisfy { $0 == 0 } && ramp[16..<21].allSatisfy { $0 == 1 })
    #expect(ramp[1] == 0 && ramp[2] == 1 && ramp[4] == 0 && abs(ramp[5]) < 1e-6)
  }

  @Test func thePicturesMeanHoldsVoidToo() throws {
    for values in try Self.measured() {
      #expect(abs(values[21] * 255 - 85) < 1e-4 && values[22] == 0 && values[23] == 1)
    }
    #expect(try Self.measured().map(\.last) == [0.5, 0.4])
  }
}
