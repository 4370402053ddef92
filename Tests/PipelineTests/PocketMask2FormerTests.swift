import CrayonCore
import Foundation
import Imaging
import Pipeline
import TestSupport
import Testing

/// Pocket behind a published segmenter: the shipped files, with random weights in the published layout.
@Suite struct PocketMask2FormerTests {
  static let pipelines = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Pipelines")

  static func text(_ name: String) throws -> String {
    try String(contentsOf: pipelines.appendingPathComponent("\(name).yaml"), encoding: .utf8)
  }

  /// A file's segmenter, and what stands behind it.
  static func parts(_ name: String) throws -> (segmenter: String, rest: String) {
    let text = try text(name)
    let start = try #require(text.range(of: "segmenter:\n"))
    let end = text.range(of: "crayon:\n")?.lowerBound ?? text.endIndex
    return (String(text[start.lowerBound..<end]), String(text[end...]))
  }

  /// Each file says all of itself; none may be left behind when pocket changes.
  @Test(arguments: ["tiny", "large"])
  func theFileIsPocketsButForTheSegmenter(size: String) throws {
    let (segmenter, rest) = try Self.parts("pocket-mask2former-\(size)")
    #expect(try rest == Self.parts("pocket").rest)
    #expect(try segmenter == Self.parts("mask2former-swin-\(size)").segmenter)
    let models = try PipelineLibrary.pipeline("pocket-mask2former-\(size)").models
    #expect(models == ["SmolLM2-135M-Instruct", "mask2former-swin-\(size)-coco-panoptic"])
  }

  @Test func soIsTheOneOfScenes() throws {
    #expect(try Self.parts("pocket-scenes").rest == Self.parts("pocket").rest)
  }

  /// Its maps may hold any of COCO's categories, and the language model is shown them.
  @Test(
    .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"),
    arguments: ["tiny", "large"])
  func itAnswersFromMapsOfAllCategories(size: String) throws {
    let folder = try TemporaryFolder()
    let fixture = Fixtures.folder.appendingPathComponent("2-Panoptic/mask2former-\(size)")
    let text = try Self.text("pocket-mask2former-\(size)")
      .replacingOccurrences(of: "models:mask2former-swin-\(size)-coco-panoptic", with: fixture.path)
      .replacingOccurrences(of: " pocket/", with: " \(Self.pipelines.path)/pocket/")
      // What random weights think of is in no region surely.
      .replacingOccurrences(of: " threshold: 0.5", with: " threshold: 0.1")
      .replacingOccurrences(of: "mask_threshold: 0.5", with: "mask_threshold: 0.3")
      .replacingOccurrences(of: "overlap_threshold: 0.8", with: "overlap_threshold: 0.3")
    try Data(text.utf8).write(to: folder.file("random.yaml"))
    let pipeline = try Pipeline(
      try PipelineConfiguration(reading: folder.file("random.yaml")).exact, cache: nil)
    #expect(pipeline.categories.categories.count == 133)
    #expect(Set(pipeline.categories.categories.map(\.name)) == Set(CategoryTable.coco.categories.map(\.name)))

    let picture = Self.pipelines.deletingLastPathComponent().appendingPathComponent("Samples/breakfast.png")
    let seen = try pipeline.look(at: ImageDecoder.Input(file: picture))
    #expect(!seen.map.segments.isEmpty)
    #expect(seen.crayon.objects.count == seen.map.segments.count)
    #expect(seen.crayon.objects.allSatisfy { $0.semantic > 0 && seen.crayon.listing.contains($0.name) })
    var conversation = Conversation(pipeline, on: seen)
    for question in ["how many zebras are there?", "what is in the picture?"] {
      let answer = try conversation.ask(question)
      #expect(!answer.text.isEmpty && answer.unseenNouns.isEmpty)
    }
  }
}
