import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

/// Masks out of polygons, as pycocotools fills them (Tests/Reference/regions.py), and into PNG.
@Suite struct MaskFileTests {
  struct Fixture: Decodable {
    struct Polygons: Decodable {
      var width: Int
      var height: Int
      var polygons: [[Double]]
      var counts: String
    }
    var polygons: [Polygons]
  }

  @Test func polygonsAreFilledAsPycocotoolsDoes() throws {
    let file = Fixtures.folder.appendingPathComponent("Evaluation/regions.json")
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    #expect(fixture.polygons.count == 30)
    for (index, item) in fixture.polygons.enumerated() {
      let mask = try RunLengthMask(width: item.width, height: item.height, polygons: item.polygons)
      let wanted = try RunLengthMask(width: item.width, height: item.height, cocoText: item.counts)
      #expect(mask.pixels == wanted.pixels, "polygon \(index)")
    }
  }

  @Test func polygonsThatAreNone() throws {
    #expect(try RunLengthMask(width: 4, height: 4, polygons: []).isEmpty)
    #expect(try RunLengthMask(width: 4, height: 4, polygons: [[0, 0, 4, 4], [1, 1]]).isEmpty)
    #expect(try RunLengthMask(width: 4, height: 4, polygons: [[2, 2, 2, 2, 2, 2]]).isEmpty)
    for corner in [Double.nan, .infinity, 1e30] {
      #expect(throws: RunLengthMaskError.badPolygon) {
        try RunLengthMask(width: 4, height: 4, polygons: [[0, 0, corner, 4, 4, 4]])
      }
    }
    for side in [0, -1, 1 << 40] {
      #expect(throws: RunLengthMaskError.badSize(width: side, height: 4)) {
        try RunLengthMask(width: side, height: 4, polygons: [])
      }
    }
  }

  /// White inside, of the picture's size; a region without a mask has no file, and the others keep their numbers.
  @Test func masksOfRegionsAreFiles() throws {
    let folder = try TemporaryFolder()
    let mask = try RunLengthMask(width: 3, height: 2, runs: [1, 2, 3])
    let box = PictureBox(x0: 0, y0: 0, x1: 1, y1: 1)
    let regions = Regions(
      width: 3, height: 2,
      regions: [nil, mask].enumerated().map { Region(box: box, mask: $1, phrase: "", trigger: $0) })
    try regions.writeMasks(to: folder.file("masks"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("masks").path) == ["2.png"])
    let pixels = try PNG.decode(Data(contentsOf: folder.file("masks/2.png")))
    #expect(pixels.width == 3 && pixels.height == 2)
    #expect(stride(from: 0, to: 18, by: 3).map { pixels.rgb[$0] } == [0, 255, 0, 255, 0, 0])
  }
}
