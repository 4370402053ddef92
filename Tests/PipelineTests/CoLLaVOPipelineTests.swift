import CrayonCore
import Foundation
import Imaging
import Language
import Pipeline
import TestSupport
import Testing

/// `Pipelines/collavo-7b.yaml` itself, with the sizes of a tiny checkpoint in the published layout, against all of the
/// authors' demo: their picture's file to their tokens, segmenter included (Tests/Reference/collavo_pipeline.py).
@Suite struct CoLLaVOPipelineTests {
  struct Case: Decodable {
    var question: String
    var listing: String
    var semantic: [Int]
    var numbering: [Int]
    var tokens: [Int]
    var greedy: [Int]
  }

  static let folder = Fixtures.folder.appendingPathComponent("CoLLaVOPipeline")
  static let picture = folder.appendingPathComponent("picture.png")

  static func expected(_ template: String) throws -> Case {
    let all = try JSONDecoder().decode(
      [String: Case].self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    return try #require(all[template])
  }

  /// The shipped file with other sizes and other places.
  static func configuration(
    _ name: String, in folder: borrowing TemporaryFolder, changing changes: [String: String] = [:]
  ) throws -> PipelineConfiguration {
    let shipped = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Pipelines/\(name).yaml")
    var text = try String(contentsOf: shipped, encoding: .utf8)
    let places = [
      "models:mask2former-swin-large-coco-panoptic": "2-Panoptic/mask2former-large",
      "models:clip-vit-large-patch14-336-config/config.json": "CoLLaVO/vision/config.json",
      "[models:CoLLaVO-7B-nf4, models:CoLLaVO-7B-q8, models:CoLLaVO-7B]": "CoLLaVO",
    ].mapValues { Fixtures.folder.appendingPathComponent($0).path }
    let sizes = [
      "squash: 490": "squash: 70", "decided_at: 35": "decided_at: 5", "grid: 35": "grid: 5",
      "size: 490": "size: 70",
    ]
    let all = sizes.merging(places) { $1 }.merging(changes) { $1 }
    for (old, new) in all {
      try #require(text.contains(old), "\(name) has no \(old)")
      text = text.replacingOccurrences(of: old, with: new)
    }
    let file = folder.file("\(name).yaml")
    try Data(text.utf8).write(to: file)
    return try PipelineConfiguration(reading: file).exact
  }

  @Test(arguments: [("collavo-7b", "demo"), ("collavo-7b-evaluation", "evaluation")])
  func fromThePicturesFileToTheAnswer(name: String, template: String) throws {
    let expected = try Self.expected(template)
    let folder = try TemporaryFolder()
    let pipeline = try Pipeline(try Self.configuration(name, in: folder), cache: nil)
    let seen = try pipeline.look(at: ImageDecoder.Input(file: Self.picture))
    #expect(seen.crayon.semantic == expected.semantic)
    #expect(seen.crayon.numbering == expected.numbering)
    #expect(seen.crayon.listing == expected.listing)

    var conversation = Conversation(pipeline, on: seen)
    let options = AskOptions(answer: AnswerOptions(limit: expected.greedy.count))
    let answer = try conversation.ask(expected.question, options: options)
    let sequence = expected.tokens.flatMap { $0 == -1 ? [Int?](repeating: nil, count: 25) : [$0] }
    let haveSameTokens = answer.sequence.tokens == sequence
    #expect(haveSameTokens)
    #expect(answer.reply.tokens == expected.greedy)

    // A further question reads only its own words, and is answered as if it were the first.
    let again = try conversation.ask(expected.question, options: options)
    #expect(again.reply.tokens == expected.greedy)
    #expect(again.timings.entries[.vision]?.wasKnown == true)
  }

  /// The map is in the answer: without it, or without its numbers, the model says something else.
  @Test(arguments: [LookOptions.Crayon.off, .semantic])
  func theCrayonIsSeen(crayon: LookOptions.Crayon) throws {
    let expected = try Self.expected("demo")
    let folder = try TemporaryFolder()
    let pipeline = try Pipeline(try Self.configuration("collavo-7b", in: folder), cache: nil)
    let seen = try pipeline.look(
      at: ImageDecoder.Input(file: Self.picture), options: LookOptions(crayon: crayon))
    var conversation = Conversation(pipeline, on: seen)
    let answer = try conversation.ask(
      expected.question, options: AskOptions(answer: AnswerOptions(limit: expected.greedy.count)))
    #expect(answer.reply.tokens != expected.greedy)
  }

  /// What stands in a file for these kinds, and does not fit each other.
  @Test(arguments: [
    (
      "kind: collavo\n  grid: 5", "kind: collavo\n  weights: x\n  grid: 5",
      "unknown key \"crayon.weights\"; known here are grid, kind, listing, segments"
    ),
    (
      "kind: collavo\n  # The", "kind: collavo\n  alpha: 3\n  # The",
      "unknown key \"language.alpha\"; known here are kind, limit, turns, weights"
    ),
    ("  config: ", "  weights: ", "the key \"vision.config\" is missing"),
    (
      "  filter: torch-bilinear", "  filter: torch",
      "but must be pillow-bilinear, pillow-bicubic, torch-bilinear"
    ),
  ])
  func sentences(old: String, new: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: try Self.configuration("collavo-7b", in: folder).file, encoding: .utf8)
    try #require(text.contains(old))
    try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: folder.file("p.yaml"))
    do {
      _ = try PipelineConfiguration(reading: folder.file("p.yaml"))
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(sentence), "\(error)")
    }
  }

  @Test func partsOfACheckpointThatIsNotThere() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: try Self.configuration("collavo-7b", in: folder).file, encoding: .utf8)
    let language = try #require(text.range(of: "language:"))
    try Data(
      (text[..<language.lowerBound] + "language:\n  kind: gguf\n  weights: \(Models.smolLM2.path)\n").utf8
    )
    .write(to: folder.file("p.yaml"))
    guard Models.haveSmolLM2 else { return }
    #expect(throws: PipelineError.noSharedCheckpoint(pipeline: "p", stage: "crayon")) {
      try Pipeline(try PipelineConfiguration(reading: folder.file("p.yaml")), makesMaps: false, cache: nil)
    }
  }

  /// Another model where CoLLaVO, or its segmenter, should be.
  @Test func anotherModelIsRecognised() throws {
    let folder = try TemporaryFolder()
    let places = Fixtures.folder.path
    let swapped = try Self.configuration(
      "collavo-7b", in: folder,
      changing: [
        "[models:CoLLaVO-7B-nf4, models:CoLLaVO-7B-q8, models:CoLLaVO-7B]":
          "\(places)/2-Panoptic/mask2former-base"
      ])
    #expect(
      "\(Self.failure { _ = try Pipeline(swapped, makesMaps: false, cache: nil) })".contains(
        "2-Panoptic/mask2former-base/model.safetensors looks like Mask2Former, but the pipeline \"collavo-7b\" needs CoLLaVO there, as its "
          + "language model"))
    let other = try Self.configuration(
      "collavo-7b", in: folder, changing: ["models:mask2former-swin-large-coco-panoptic": "\(places)/CoLLaVO"])
    #expect(
      "\(Self.failure { _ = try Pipeline(other, cache: nil) })".contains(
        "there is no \(places)/CoLLaVO/preprocessor"))
  }

  static func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing goes wrong"
    } catch {
      return "\(error)"
    }
  }

  /// The vision tower's cached features depend on the tower's own tensors, and on no others.
  @Test func twoPipelinesWithOneTower() throws {
    let folder = try TemporaryFolder()
    let cache = StageCache(folder: folder.file("cache"), limit: 1 << 30)
    for (name, isKnown) in [("collavo-7b", false), ("collavo-7b-evaluation", true)] {
      let pipeline = try Pipeline(try Self.configuration(name, in: folder), cache: cache)
      let seen = try pipeline.look(at: ImageDecoder.Input(file: Self.picture))
      #expect(seen.timings.entries[.vision]?.wasKnown == isKnown)
      #expect(seen.timings.entries[.panoptic]?.wasKnown == isKnown)
    }
  }

  /// A tower of other sizes or another activation is another tower, though its weights' file is the same.
  @Test func aChangedTowerIsNotAnsweredFromTheCache() throws {
    let folder = try TemporaryFolder()
    let cache = StageCache(folder: folder.file("cache"), limit: 1 << 30)
    let published = try String(
      contentsOf: Fixtures.folder.appendingPathComponent("CoLLaVO/vision/config.json"), encoding: .utf8)
    try #require(published.contains("quick_gelu"))
    for (text, isKnown) in [
      (published, false), (published.replacingOccurrences(of: "quick_gelu", with: "gelu"), false),
      (published, true),
    ] {
      try Data(text.utf8).write(to: folder.file("tower.json"))
      let configuration = try Self.configuration(
        "collavo-7b", in: folder,
        changing: ["models:clip-vit-large-patch14-336-config/config.json": folder.file("tower.json").path])
      let seen = try Pipeline(configuration, cache: cache).look(at: ImageDecoder.Input(file: Self.picture))
      #expect(seen.timings.entries[.vision]?.wasKnown == isKnown)
    }
  }

  /// Which of several models is meant stands behind the path alone.
  @Test func aPipelineInAFolderWithAnAt() throws {
    let folder = try TemporaryFolder()
    let place = folder.file("a@b")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let file = place.appendingPathComponent("p.yaml")
    try Data("segmenter:\n  kind: mask2former\n  weights: w\n".utf8).write(to: file)
    #expect(try PipelineLibrary.pipeline(file.path).name == "p")
    #expect(throws: PipelineError.self) { try PipelineLibrary.pipeline(file.path + "@nothing") }
  }
}
