import CrayonCore
import CrayonPrompting
import Foundation
import Grounding
import Imaging
import Panoptic
import TestSupport
import Testing

@testable import Pipeline

/// An answer that names what is on the map has its regions there, and SAM draws them.
@Suite struct MapGroundingTests {
  static func category(_ name: String) throws -> CrayonCore.Category {
    try #require(CategoryTable.coco.category(named: name))
  }

  /// Two cups above, a wall and a dining table below.
  static func map(width: Int, height: Int) throws -> PanopticMap {
    try PanopticMap(
      width: 4, height: 2, ids: [1, 1, 2, 2, 3, 3, 4, 4],
      labels: [
        1: .init(category: try category("cup")), 2: .init(category: try category("cup")),
        3: .init(category: try category("wall-other-merged")),
        4: .init(category: try category("dining table"), score: 0.5),
      ]
    ).resized(width: width, height: height)
  }

  static func objects() throws -> [CrayonPrompt.Object] {
    CrayonPrompter(grid: GridSize(rows: 4, columns: 4)).run(try map(width: 8, height: 8)).objects
  }

  static let named: [(String, [(Int32, String)])] = [
    ("There are cups.", [(1, "cups"), (2, "cups")]),
    ("The (#2 cup) is near the (#1 cup).", [(2, "#2 cup"), (1, "#1 cup")]),
    ("A Cup on the Dining Tables, and a wall", [(1, "Cup"), (2, "Cup"), (4, "Dining Tables"), (3, "wall")]),
    // A cupboard is none of these; a table can be the dining table; objects are anything.
    ("A cupboard, dining, and a table with objects", [(4, "table")]),
    ("Two mugs before the wooden wall", [(1, "mugs"), (2, "mugs")]),
    ("(#7 cup)", []),
    ("", []),
  ]

  @Test(arguments: named)
  func whatIsNamed(text: String, expected: [(Int32, String)]) throws {
    let found = MentionedObjects.find(in: text, of: try Self.objects(), vocabulary: .coco)
    #expect(found == expected.map { MentionedObjects.Mention(segment: $0.0, phrase: $0.1) })
  }

  @Test func namesAreKnownInThePluralToo() throws {
    let map = try PanopticMap(
      width: 4, height: 1, ids: [1, 2, 3, 4],
      labels: [
        1: .init(category: try Self.category("person")), 2: .init(category: try Self.category("knife")),
        3: .init(category: try Self.category("mouse")), 4: .init(category: try Self.category("bus")),
      ]
    ).resized(width: 8, height: 8)
    let objects = CrayonPrompter(grid: GridSize(rows: 4, columns: 4)).run(map).objects
    let found = MentionedObjects.find(
      in: "People with knives, and mice in busses or buses", of: objects, vocabulary: .coco)
    #expect(found.map(\.segment) == [1, 2, 3, 4])
    #expect(found.map(\.phrase) == ["People", "knives", "mice", "busses"])
  }

  static func reply(_ text: String) -> Reply {
    Reply(
      text: text, tokens: [], triggers: [], end: .stop, promptTokens: 1, reusedTokens: 0, firstTokenSeconds: 0,
      writingSeconds: 0)
  }

  @Test(arguments: [false, true])
  func regions(drawsWithSAM: Bool) throws {
    let folder = try TemporaryFolder()
    let fixture = Fixtures.folder.appendingPathComponent("7-Grounding/sam-base")
    let grounding =
      drawsWithSAM ? "\ngrounding:\n  kind: map\n  sam: \(fixture.path)\n" : "\ngrounding:\n  kind: map\n"
    let plain = try CoLLaVOPipelineTests.configuration("collavo-7b", in: folder)
    let text = try String(contentsOf: plain.file, encoding: .utf8) + grounding
    try Data(text.utf8).write(to: folder.file("grounded.yaml"))
    let pipeline = try Pipeline(
      try PipelineConfiguration(reading: folder.file("grounded.yaml")).exact, makesMaps: false, cache: nil)
    let input = try ImageDecoder.Input(file: CoLLaVOPipelineTests.picture)
    let image = try ImageDecoder().run(input)
    let map = try Self.map(width: image.width, height: image.height)
    try map.write(to: folder.url)
    let seen = try pipeline.look(
      at: input,
      options: LookOptions(
        map: PrecomputedSegmenter(png: folder.file("2-panoptic.png"), json: folder.file("2-panoptic.json"))))
    let regions = try #require(
      try pipeline.grounding?.regions(
        of: Self.reply("The #2 cup is on the dining table."), on: seen, boxes: nil, vocabulary: .coco))
    #expect(regions.notes.isEmpty)
    #expect(regions.regions.map { $0.phrase } == ["#2 cup", "dining table"])
    #expect(regions.regions.map { $0.segment } == [2, 4])
    for region in regions.regions {
      let segment = try #require(seen.map.segments.first { $0.id == region.segment })
      #expect(region.box == PictureBox(segment.box))
      let mask = try #require(region.mask)
      guard drawsWithSAM else {
        #expect(mask.area == segment.area)
        continue
      }
      let sam = try SAM(folder: fixture)
      let picture = sam.see(seen.image)
      let box = SAM.box(region.box, in: picture.frame, side: sam.maskDecoder.configuration.imageSide)
      #expect(mask == sam.masks(SAMPrompt(box: box), on: picture).mask(0, in: picture.frame))
    }
    // Who is not shown the map cannot mean its segments.
    let blind = try pipeline.look(
      at: input,
      options: LookOptions(
        crayon: .off,
        map: PrecomputedSegmenter(png: folder.file("2-panoptic.png"), json: folder.file("2-panoptic.json"))))
    #expect(
      try pipeline.grounding?.regions(of: Self.reply("The cup."), on: blind, boxes: nil, vocabulary: .coco)
        .regions == [])
    // Nothing named, nothing drawn; and a model that points by no token reads no regions.
    #expect(
      try pipeline.grounding?.regions(of: Self.reply("Nothing."), on: seen, boxes: nil, vocabulary: .coco)
        .regions
        == [])
    var conversation = Conversation(pipeline, on: seen)
    #expect(throws: PipelineError.cannotPoint(pipeline: "grounded")) {
      try conversation.ask(
        "What is [1]?", options: AskOptions(regions: [PictureBox(x0: 0, y0: 0, x1: 9, y1: 9)]))
    }
  }
}
