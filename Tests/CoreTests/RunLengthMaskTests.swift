import CrayonCore
import Foundation
import TestSupport
import Testing

/// Masks as pycocotools keeps them. Fixtures: Tests/Reference/grounding.py.
@Suite struct RunLengthMaskTests {
  struct Expected: Decodable {
    struct Mask: Decodable {
      var width: Int
      var height: Int
      var pixels: String
      var counts: String
      var area: Int
      var xywh: [Int]
    }
    struct Overlap: Decodable {
      var first: Int
      var second: Int
      var share: Double

      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        first = try list.decode(Int.self)
        second = try list.decode(Int.self)
        share = try list.decode(Double.self)
      }
    }
    var masks: [Mask]
    var overlaps: [Overlap]
  }

  let expected: Expected

  init() throws {
    let file = Fixtures.folder.appendingPathComponent("7-Grounding/run-lengths.json")
    expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
  }

  static func mask(_ mask: Expected.Mask) -> RunLengthMask {
    RunLengthMask(width: mask.width, height: mask.height, pixels: mask.pixels.map { $0 == "1" })
  }

  @Test func textsAreThoseOfPycocotools() throws {
    #expect(expected.masks.count == 41)
    for wanted in expected.masks {
      let mask = Self.mask(wanted)
      #expect(mask.cocoText == wanted.counts)
      let read = try RunLengthMask(width: wanted.width, height: wanted.height, cocoText: wanted.counts)
      let isEqual = read == mask && read.pixels == wanted.pixels.map { $0 == "1" }
      #expect(isEqual)
    }
  }

  @Test func areasAndBoxesAreThoseOfPycocotools() {
    for wanted in expected.masks {
      let mask = Self.mask(wanted)
      #expect(mask.area == wanted.area && mask.isEmpty == (wanted.area == 0))
      if wanted.area == 0 { #expect(mask.box == nil) } else { #expect(mask.box?.cocoXYWH == wanted.xywh) }
    }
  }

  @Test func overlapsAreThoseOfPycocotools() {
    for overlap in expected.overlaps {
      let (a, b) = (Self.mask(expected.masks[overlap.first]), Self.mask(expected.masks[overlap.second]))
      let share = a.intersectionOverUnion(b)
      #expect(abs(share - overlap.share) < 1e-12 || (a.isEmpty && b.isEmpty))
      let both = zip(a.pixels, b.pixels).count { $0 && $1 }
      #expect(a.intersectionArea(with: b) == both)
    }
  }

  @Test func jsonIsCOCOs() throws {
    let mask = RunLengthMask(width: 3, height: 2, pixels: [false, true, false, false, true, true])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(mask), as: UTF8.self)
    #expect(text == "{\"counts\":\"221\(mask.cocoText.dropFirst(3))\",\"size\":[2,3]}")
    #expect(try JSONDecoder().decode(RunLengthMask.self, from: Data(text.utf8)) == mask)
    let list = #"{"size": [2, 3], "counts": [2, 2, 1, 1]}"#
    #expect(try JSONDecoder().decode(RunLengthMask.self, from: Data(list.utf8)) == mask)
  }

  @Test(arguments: [
    #"{"size": [2, 3], "counts": [2, 2, 1, 2]}"#, #"{"size": [2, 3], "counts": [7, -1]}"#,
    #"{"size": [2, 3], "counts": [9223372036854775807, 9223372036854775807]}"#,
    #"{"size": [2], "counts": [2]}"#, #"{"size": [0, 3], "counts": []}"#,
    #"{"size": [9223372036854775807, 2], "counts": []}"#, #"{"size": [2, 3], "counts": "oooooooooooooooo"}"#,
    #"{"size": [2, 3], "counts": "2 1"}"#, #"{"size": [2, 3], "counts": "2P"}"#,
    #"{"size": [2, 3], "counts": "22@@@@"}"#, #"{"size": [2, 3], "counts": "é"}"#, #"{"size": [2, 3]}"#,
  ])
  func whatIsNoMaskIsRefused(json: String) {
    #expect(throws: (any Error).self) { try JSONDecoder().decode(RunLengthMask.self, from: Data(json.utf8)) }
  }
}
