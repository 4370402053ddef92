import CrayonCore
import CrayonPrompting
import Crypto
import Foundation
import TestSupport
import Testing

/// Grids and words against CoLLaVO's own code (Tests/Reference/crayon_prompt.py), exactly.
@Suite struct AuthorsParityTests {
  static let fixtures = Fixtures.folder.appendingPathComponent("3-CrayonPrompt")
  static let prompter = CrayonPrompter(grid: GridSize(rows: 35, columns: 35))

  struct Expected: Decodable {
    var semantic: [Int]
    var numbering: [Int]
    var listing: String
  }

  /// "table": overlapping things, names with endings, equals, a segment without a cell; "shelf": 23 books;
  /// "few": fewer pixels than cells.
  @Test(arguments: ["table", "shelf", "few"])
  func drawn(name: String) throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Self.fixtures.appendingPathComponent("\(name).expected.json")))
    let prompt = Self.prompter.run(
      try PanopticMap(readingPNG: Self.fixtures.appendingPathComponent("\(name).png")))
    #expect(prompt.listing == expected.listing)
    #expect(zip(prompt.semantic, expected.semantic).count { $0 != $1 } == 0)
    #expect(zip(prompt.numbering, expected.numbering).count { $0 != $1 } == 0)
    #expect(prompt.semantic.count == expected.semantic.count && expected.semantic.count == 35 * 35)
    #expect(prompt.numbering.count == expected.numbering.count)
  }

  /// The map that the tiny CoLLaVO is shown, and none, on its grid of 5 × 5.
  @Test(arguments: CoLLaVO.cases)
  func onCollavosGrid(name: String) throws {
    let expected = try CoLLaVO.expected(name)
    let map =
      expected.map == "map"
      ? try PanopticMap(readingFrom: CoLLaVO.folder)
      : try PanopticMap(width: 3, height: 3, ids: Array(repeating: PanopticMap.void, count: 9), labels: [:])
    let prompt = CrayonPrompter(grid: GridSize(rows: 5, columns: 5)).run(map)
    #expect(prompt.semantic == expected.semantic && prompt.numbering == expected.numbering)
    #expect(prompt.listing == expected.listing)
  }

  struct Digests: Decodable {
    var file: String
    var semantic: String
    var numbering: String
    var listing: String
  }

  static func digest(_ bytes: some Sequence<UInt8>) -> String {
    SHA256.hash(data: Data(bytes)).map { String(format: "%02x", $0) }.joined()
  }

  @Test(.enabled(if: Photographs.areThere, "the photographs are not there (CRAYON_COCO_MINI)"))
  func theTrueMapsOfAHundredPhotographs() throws {
    let expected = try JSONDecoder().decode(
      [Digests].self, from: Data(contentsOf: Self.fixtures.appendingPathComponent("photographs.json")))
    #expect(expected.count == 100)
    let dataset = try COCOPanoptic(readingJSON: Photographs.folder.appendingPathComponent("panoptic.json"))
    let table = try dataset.categoryTable()
    let annotations = Dictionary(
      dataset.annotations.map { ($0.file_name, $0) }, uniquingKeysWith: { first, _ in first })
    var different: [String] = []
    for digests in expected {
      let annotation = try #require(annotations[digests.file])
      let map = try PanopticMap(
        annotation, in: Photographs.folder.appendingPathComponent("panoptic"), categories: table)
      let prompt = Self.prompter.run(map)
      let got = [
        Self.digest(prompt.semantic.map(UInt8.init)), Self.digest(prompt.numbering.map(UInt8.init)),
        Self.digest(prompt.listing.utf8),
      ]
      for (what, isEqual) in [
        ("semantic", got[0] == digests.semantic), ("numbering", got[1] == digests.numbering),
        ("listing", got[2] == digests.listing),
      ] where !isEqual {
        different.append("\(digests.file): \(what)")
      }
    }
    #expect(different.isEmpty, "\(different.count) differ, the first ones: \(different.prefix(5))")
  }
}
