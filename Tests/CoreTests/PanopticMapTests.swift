import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

@Suite struct PanopticMapTests {
  static let cup = PanopticMap.Label(category: Category(id: 47, name: "cup", isThing: true), score: 0.5)
  static let wall = PanopticMap.Label(category: Category(id: 199, name: "wall-other-merged", isThing: false))

  /// A cup in two parts on a wall; two pixels are void.
  static func map() throws -> PanopticMap {
    let ids: [Int32] = [
      7, 7, 70000, 70000,
      0, 70000, 70000, 7,
      0, 70000, 70000, 70000,
    ]
    return try PanopticMap(width: 4, height: 3, ids: ids, labels: [7: cup, 70000: wall])
  }

  @Test func areasAndBoxesAreMeasuredOverAllParts() throws {
    let map = try Self.map()
    #expect(map.segments.map(\.id) == [7, 70000])
    #expect(map.segments.map(\.area) == [3, 7])
    #expect(map.segments[0].box == PixelBox(x0: 0, y0: 0, x1: 4, y1: 2))
    #expect(map.segments[1].box == PixelBox(x0: 1, y0: 0, x1: 4, y1: 3))
    #expect(map.voidArea == 2)
  }

  @Test func idsMustBePositiveAndPixelsAndLabelsAgree() throws {
    #expect(throws: PanopticMapError.idNotPositive(-1)) {
      try PanopticMap(width: 1, height: 1, ids: [-1], labels: [-1: Self.cup])
    }
    #expect(throws: PanopticMapError.pixelsWithoutSegment(id: 3)) {
      try PanopticMap(width: 2, height: 1, ids: [3, 7], labels: [7: Self.cup])
    }
    #expect(throws: PanopticMapError.segmentWithoutPixels(id: 8)) {
      try PanopticMap(width: 2, height: 1, ids: [7, 0], labels: [7: Self.cup, 8: Self.wall])
    }
  }

  @Test func whatIsWrittenReadsBackEqual() throws {
    let folder = try TemporaryFolder()
    let map = try Self.map()
    try map.write(to: folder.url)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        == PanopticMap.fileNames.sorted())
    #expect(try PanopticMap(readingFrom: folder.url) == map)
  }

  @Test func anIdIsRedPlusGreenAndBlueInHigherBytes() throws {
    let map = try PanopticMap(
      width: 1, height: 1, ids: [1 + 256 * 2 + 65536 * 3], labels: [1 + 256 * 2 + 65536 * 3: Self.cup])
    let pixels = try PNG.decode(try map.encodedPNG(name: "test"))
    #expect(pixels.rgb == [1, 2, 3])
  }

  @Test func anIdBeyondThreeBytesIsNotWritten() throws {
    let map = try PanopticMap(width: 1, height: 1, ids: [1 << 24], labels: [1 << 24: Self.cup])
    #expect(throws: COCOPanopticError.badSegmentID(map: "test", segment: 1 << 24)) {
      try map.encodedPNG(name: "test")
    }
  }

  @Test func resizingRepeatsOrLeavesOutPixels() throws {
    let map = try Self.map()
    let large = try map.resized(width: 8, height: 6)
    #expect(large.segments.map(\.area) == [12, 28])
    #expect(try large.resized(width: 4, height: 3).ids == map.ids)
    // The only pixel left is of the wall.
    #expect(try map.resized(width: 1, height: 1).segments.map(\.id) == [70000])
  }

  @Test func anEditedMapIsMeasuredAnewAndMayLoseSegments() throws {
    let folder = try TemporaryFolder()
    let map = try Self.map()
    let edited = map.ids.map { $0 == 7 ? 70000 : $0 }
    let png = PNG.Pixels(width: 4, height: 3, ids: edited)
    try PNG.encode(png, as: .map).write(to: folder.file("map.png"))
    let table = try CategoryTable([Self.cup.category, Self.wall.category])
    let read = try PanopticMap(
      editedPNG: folder.file("map.png"), segments: map.segmentsInfo, categories: table)
    #expect(read.segments.map(\.id) == [70000])
    #expect(read.segments[0].area == 10)
  }
}
