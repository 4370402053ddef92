import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Grounding
import Imaging
import Language
import Panoptic
import Tensors
import TestSupport
import Testing
import Vision

@testable import Pipeline

/// The pocket pipeline from a picture and its map to tokens and boxes, against the code that trained it.
@Suite(
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct PocketParityTests {
  struct Expected: Decodable {
    var question: String
    var listing: String?
    var semantic: [Int]
    var numbering: [Int]
    var input_boxes: [[Double]]
    var image_start: Int
    var cells: [Int]
    var rows: [Int]
    var greedy: [Int]
    var boxes: [[Double]]
    /// Places among the map's segments, in increasing id.
    var pointed: [Int]
  }

  static func map() throws -> PanopticMap {
    let grey = try ImageDecoder().run(.init(file: PocketPicture.file("truth.png")))
    let labels = try PocketPicture.trueCategories().mapValues { name in
      PanopticMap.Label(category: try #require(CategoryTable.coco.category(named: name)))
    }
    return try PanopticMap(
      width: grey.width, height: grey.height,
      ids: stride(from: 0, to: grey.pixels.count, by: 3).map { Int32(grey.pixels[$0]) }, labels: labels)
  }

  /// Before anything is made for each of them.
  @Test func moreSegmentsThanTheContextHasPositionsAreRefused() throws {
    let cup = try #require(CategoryTable.coco.category(named: "cup"))
    let ids = (0..<256 * 256).map { Int32($0 + 1) }
    let labels = Dictionary(uniqueKeysWithValues: ids.map { ($0, PanopticMap.Label(category: cup)) })
    let map = PrecomputedSegmenter(
      try PanopticMap(width: 256, height: 256, ids: ids, labels: labels), name: "many", categories: .coco)
    let pipeline = try Pipeline(PipelineLibrary.pipeline("pocket").exact, makesMaps: false, cache: nil)
    let error = #expect(throws: LanguageError.self) {
      _ = try pipeline.look(
        at: ImageDecoder.Input(file: PocketPicture.file("picture.png")), options: LookOptions(map: map))
    }
    #expect(error?.description.contains("the model sees at most 8192") == true)
  }

  @Test func coloursAreTheTrainings() throws {
    let image = try ImageDecoder().run(.init(file: PocketPicture.file("picture.png")))
    let wanted = try Checkpoint(file: PocketPicture.file("count.safetensors")).tensor("colours")
    let map = try Self.map()
    let colours = SegmentColours.measure(map.segments.map(\.id), of: map, in: image)
    #expect(colours.shape == wanted.shape)
    let closeness = Closeness(colours.values, to: wanted.values)
    #expect(closeness.relative < 1e-5, "\(closeness)")
  }

  @Test(arguments: ["where", "count", "region"])
  func everyStageIsTheTrainings(name: String) throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: PocketPicture.file(name + ".json")))
    let tensors = try Checkpoint(file: PocketPicture.file(name + ".safetensors"))
    let pipeline = try Pipeline(PipelineLibrary.pipeline("pocket").exact, makesMaps: false, cache: nil)
    let given = PrecomputedSegmenter(try Self.map(), name: "truth", categories: .coco)
    let seen = try pipeline.look(
      at: ImageDecoder.Input(file: PocketPicture.file("picture.png")),
      options: LookOptions(listing: expected.listing == nil ? ListingStyle.none : .names, map: given))

    #expect(seen.crayon.semantic == expected.semantic && seen.crayon.numbering == expected.numbering)
    let listing = expected.listing ?? ""
    #expect(seen.crayon.listing == listing)
    let features = try #require(seen.crayonFeatures)
    func close(_ got: [Float], to tensor: String) throws {
      let closeness = Closeness(got, to: try tensors.tensor(tensor).values)
      #expect(closeness.relative < 1e-3, "\(tensor): \(closeness)")
    }
    try close(expected.cells.flatMap { features.rows($0..<$0 + 1).values }, to: "crayon")
    try close(expected.cells.flatMap { seen.vision.features.rows($0..<$0 + 1).values }, to: "vision")

    var conversation = Conversation(pipeline, on: seen)
    let (width, height) = (Double(seen.image.width), Double(seen.image.height))
    let regions = expected.input_boxes.map {
      PictureBox(x0: $0[0] * width, y0: $0[1] * height, x1: $0[2] * width, y1: $0[3] * height)
    }
    let answer = try conversation.ask(expected.question, options: AskOptions(regions: regions, boxes: .heads))
    #expect(answer.sequence.imageSpan.lowerBound == expected.image_start)
    try close(
      expected.rows.flatMap { answer.sequence.embeddings.rows($0..<$0 + 1).values }, to: "embeddings")
    #expect(answer.reply.tokens == Array(expected.greedy.prefix(answer.reply.tokens.count)))
    #expect(answer.reply.tokens.count >= expected.greedy.count - 1)
    if !answer.reply.triggers.isEmpty {
      let closeness = Closeness(
        answer.reply.triggers.flatMap(\.state), to: try tensors.tensor("triggers").values)
      #expect(closeness.relative < 1e-3, "triggers: \(closeness)")
    }
    // The base's 4-bit products are reckoned with 8-bit inputs.
    for (region, box) in zip(answer.regions.regions, expected.boxes) {
      let got: [Double] = [
        region.box.x0 / width, region.box.y0 / height, region.box.x1 / width, region.box.y1 / height,
      ]
      for (edge, wanted) in zip(got, box) {
        let inside: Double = min(max(wanted, 0), 1)
        #expect(abs(edge - inside) < 0.02, "\(name): \(got), not \(box)")
      }
    }
    #expect(answer.regions.regions.count == expected.boxes.count)
    let ids = seen.map.segments.map(\.id).sorted()
    #expect(answer.regions.regions.map(\.segment) == expected.pointed.map { ids[$0] })
  }

  /// Behind a trigger the language model reads where the segment is that it points at, so that what it says next can
  /// follow from it; where it is not shown the map, the box that the trigger's state means.
  @Test(arguments: [LookOptions.Crayon.on, .semantic, .off])
  func whatIsReadBehindATrigger(crayon: LookOptions.Crayon) throws {
    let pipeline = try Pipeline(PipelineLibrary.pipeline("pocket").exact, makesMaps: false, cache: nil)
    let given = PrecomputedSegmenter(try Self.map(), name: "truth", categories: .coco)
    let seen = try pipeline.look(
      at: ImageDecoder.Input(file: PocketPicture.file("picture.png")),
      options: LookOptions(crayon: crayon, map: given))
    let grounding = try #require(pipeline.grounding)
    let heads = try #require(grounding.heads)
    let states = try Checkpoint(file: PocketPicture.file("where.safetensors")).tensor("triggers")
    let state = states.rows(0..<1)
    let trigger = try #require(grounding.trigger(on: seen))
    let read = try trigger.locator.location(ofLast: [state.reshaped([heads.width])]).values

    guard crayon != .off else {
      #expect(read == heads.locations(of: state).values)
      return
    }
    let pointed = Pointing(heads, at: seen.segments).places(of: [state])[0].segment
    let segment = try #require(seen.map.segments.first { $0.id == pointed })
    let box = try #require(seen.vision.frame.clippedFrameBox(of: PictureBox(segment.box)))
    // Products of few rows and of many add up in another order.
    #expect(Closeness(read, to: heads.embeddings(of: [box]).values).relative < 1e-5)
  }

  static func seen(by pipeline: Pipeline) throws -> SeenPicture {
    try pipeline.look(
      at: ImageDecoder.Input(file: PocketPicture.file("picture.png")),
      options: LookOptions(map: PrecomputedSegmenter(try map(), name: "true", categories: .coco)))
  }

  /// What is held back as the start of a stop comes before the mark behind it, in the stream as in the answer.
  @Test(arguments: [[], ["zz"], ["  Z", "s"], ["at <", "is at [", "are at  "]])
  func aStreamIsTheAnswer(stops: [String]) throws {
    let pipeline = try Pipeline(PipelineLibrary.pipeline("pocket").exact, makesMaps: false, cache: nil)
    var conversation = Conversation(pipeline, on: try Self.seen(by: pipeline))
    var marks = 0
    for question in ["Describe the picture.", "Where are the cups?", "List everything you see."] {
      var heard = ""
      let options = AskOptions(answer: AnswerOptions(stops: stops))
      let answer = try conversation.ask(question, options: options, heard: { heard += $0 })
      #expect(heard == answer.reply.markedText)
      marks += answer.reply.triggers.count
    }
    #expect(marks > 0)
  }

  /// Both adapters together are their mean; one that is alone in its file works wholly.
  @Test func anAdapterWithoutTheOtherIsNotHalved() throws {
    let folder = try TemporaryFolder()
    let shipped = try PipelineLibrary.pipeline("pocket").file
    var writer = SafetensorsWriter()
    let pocket = shipped.deletingLastPathComponent().appendingPathComponent("pocket")
    for entry in try Checkpoint(file: pocket.appendingPathComponent("adapters.safetensors")).entries
    where !entry.name.hasPrefix("image.") { writer[entry.name] = .stored(entry) }
    try writer.write(to: folder.file("adapters.safetensors"))
    let text = try String(contentsOf: shipped, encoding: .utf8)
      .replacingOccurrences(of: "pocket/adapters.safetensors", with: folder.file("adapters.safetensors").path)
      .replacingOccurrences(of: " pocket/", with: " \(pocket.path)/")
    try Data(text.utf8).write(to: folder.file("alone.yaml"))
    let alone = try Pipeline(
      PipelineConfiguration(reading: folder.file("alone.yaml")).exact, makesMaps: false, cache: nil)
    #expect(try alone.adapterGains(AskOptions(), showsCrayon: true) == AdapterGains(["vl": 1, "crayon": 1]))
    let both = try Pipeline(PipelineLibrary.pipeline("pocket").exact, makesMaps: false, cache: nil)
    #expect(
      try both.adapterGains(AskOptions(), showsCrayon: true)
        == AdapterGains(["image": 0.5, "vl": 0.5, "crayon": 1]))
  }
}
