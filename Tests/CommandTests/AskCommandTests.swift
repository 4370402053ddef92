import CrayonCore
import Foundation
import TestSupport
import Testing

/// `crayon ask`, `chat` and `inspect`, run as a person runs them, with the language base from the models folder.
@Suite(
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct AskCommandTests {
  /// The sample picture with its true map.
  static let map = ["--panoptic", "Samples/panoptic/breakfast.png", "--panoptic-json", "Samples/panoptic.json"]

  static func ask(_ arguments: [String], cache: borrowing TemporaryFolder) throws -> CrayonProcess.Result {
    try CrayonProcess.run(arguments, environment: ["XDG_CACHE_HOME": cache.url.path])
  }

  static func json(_ result: CrayonProcess.Result) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(value as? [String: Any])
  }

  @Test func anAnswerIsJSONWithWhatItDependsOn() throws {
    let cache = try TemporaryFolder()
    let arguments = ["ask", "Samples/breakfast.png", "how many cups are there?", "--json"] + Self.map
    let first = try Self.ask(arguments, cache: cache)
    #expect(first.status == 0, "\(first.errors)")
    let answer = try Self.json(first)
    #expect((answer["answer"] as? String)?.isEmpty == false)
    let segments = try #require(answer["segments"] as? [[String: Any]])
    #expect(segments.count == 9)
    #expect(
      segments.filter { $0["category"] as? String == "cup" }.compactMap { $0["number"] as? Int } == [1, 2, 3])
    let evidence = try #require(answer["evidence"] as? [String: Any])
    #expect(evidence["category"] as? [String] == ["cup"])
    #expect(evidence["number"] as? Int == 3)
    #expect(evidence["ids"] as? [Int] == [2_927_526, 4_039_115, 13_710_070])
    #expect(answer["cached"] as? [String] == [])

    // The same question again: nothing is segmented or seen anew, and nothing else changes.
    let again = try Self.json(try Self.ask(arguments, cache: cache))
    #expect(again["cached"] as? [String] == ["panoptic", "vision"])
    #expect(again["answer"] as? String == answer["answer"] as? String)
    #expect(again["tokens"] as? [Int] == answer["tokens"] as? [Int])
    let uncached = try Self.json(try Self.ask(arguments + ["--no-cache"], cache: cache))
    #expect(uncached["tokens"] as? [Int] == answer["tokens"] as? [Int])
  }

  /// Zebras are among COCO's categories, but not among those of the segmenter of scenes; a map may hold anything.
  @Test func whatTheSegmenterCannotNameIsSaid() throws {
    let cache = try TemporaryFolder()
    let question = [
      "ask", "Samples/breakfast.png", "are there more zebras than cups?", "--pipeline", "pocket-scenes",
    ]
    let said = "note: the segmenter has no word for “zebras”: what is said of it does not rest on the map"
    let seen = try Self.ask(question, cache: cache)
    #expect(seen.status == 0 && seen.errors.contains(said), "\(seen.errors)")
    #expect(!seen.errors.contains("“cups”"))
    let report = try Self.json(try Self.ask(question + ["--json"], cache: cache))
    #expect(report["unseen"] as? [String] == ["zebras"])
    let given = try Self.ask(question + Self.map, cache: cache)
    #expect(given.status == 0 && !given.errors.contains("has no word"), "\(given.errors)")
  }

  @Test func aDroppedSegmentIsNotCounted() throws {
    let cache = try TemporaryFolder()
    let result = try Self.ask(
      ["ask", "Samples/breakfast.png", "how many cups?", "--json", "--drop-segment", "2927526"] + Self.map,
      cache: cache)
    let evidence = try #require(try Self.json(result)["evidence"] as? [String: Any])
    #expect(evidence["number"] as? Int == 2)
    let missing = try Self.ask(
      ["ask", "Samples/breakfast.png", "how many cups?", "--drop-segment", "5"] + Self.map, cache: cache)
    #expect(missing.status == 64)
    #expect(missing.output.isEmpty)
    #expect(missing.errors.contains("the map has no segment 5; it has 1684432, "))
  }

  @Test func aQuestionForNoNumberHasNoEvidence() throws {
    let cache = try TemporaryFolder()
    for question in ["what colour is the bowl?", "how many unicorns are there?"] {
      let result = try Self.ask(
        ["ask", "Samples/breakfast.png", question, "--json", "--max-tokens", "2"] + Self.map, cache: cache)
      #expect(try Self.json(result)["evidence"] is NSNull)
    }
  }

  @Test(arguments: ["on", "semantic", "off"])
  func theCrayonCanBeTakenAway(crayon: String) throws {
    let cache = try TemporaryFolder()
    let folder = try TemporaryFolder()
    let result = try Self.ask(
      ["inspect", "Samples/breakfast.png", "how many cups?", "--crayon", crayon, "--out", folder.url.path]
        + Self.map,
      cache: cache)
    #expect(result.status == 0, "\(result.errors)")
    let sequence = try FusedSequence(readingFrom: folder.url)
    #expect((sequence.crayonFeatures == nil) == (crayon == "off"))
    #expect(sequence.spans.contains { $0.kind == .listing } == (crayon != "off"))
  }

  /// Nothing is answered where the picture, the map or the question cannot be what was meant.
  @Test(arguments: [
    (["Samples/nothing.png", "how many cups?"], Int32(1), "Samples/nothing.png"),
    (["README.md", "how many cups?"], 1, "README.md"),
    (["Samples/breakfast.png", ""], 64, "the question is empty"),
    (["Samples/breakfast.png", " \n\t "], 64, "the question is empty"),
    (
      ["Samples/breakfast.png", String(repeating: "how many ", count: 11_112)], 64,
      "the question is 100008 bytes long; at most 20000 are read"
    ),
    (["Samples/breakfast.png", "why", "--panoptic", "Samples/panoptic/desk.png"], 1, "has no JSON beside it"),
    (
      [
        "Samples/breakfast.png", "why", "--panoptic", "Samples/panoptic/nowhere.png", "--panoptic-json",
        "Samples/panoptic.json",
      ], 1, "nowhere.png"
    ),
    (["Samples/breakfast.png", "why", "--pipeline", "nowhere"], 64, "there is no pipeline \"nowhere\""),
    (["Samples/breakfast.png", "why", "--pipeline", "untrained"], 64, "only makes maps"),
    (["Samples/breakfast.png", "what is in [1]?", "--region", "10,10,5,50"], 64, "region"),
  ])
  func noAnswerWithoutPictureMapAndQuestion(arguments: [String], status: Int32, sentence: String) throws {
    let cache = try TemporaryFolder()
    let result = try Self.ask(["ask"] + arguments, cache: cache)
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(sentence), "\(result.errors)")
  }

  @Test func aChatAnswersEachLineAndGoesOnAfterAnError() throws {
    let folder = try TemporaryFolder()
    let input = folder.file("lines")
    try Data(
      "how many cups?\n/map\n/nothing\n\(String(repeating: "a", count: 30_000))\nis there a bowl?\n/quit\nnever\n"
        .utf8
    )
    .write(to: input)
    let files = [folder.file("output"), folder.file("errors")]
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = CrayonProcess.program
    process.arguments = ["chat", "Samples/breakfast.png"] + Self.map
    process.currentDirectoryURL = CrayonProcess.repository
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": folder.url.path]) {
      $1
    }
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let output = try String(contentsOf: files[0], encoding: .utf8).split(separator: "\n")
    let errors = try String(contentsOf: files[1], encoding: .utf8)
    // Two answers, and nine segments between them.
    #expect(output.count == 11)
    #expect(output.dropFirst().prefix(9).allSatisfy { $0.contains("\t") })
    #expect(errors.contains("there is no command /nothing"))
    #expect(errors.contains("error: the question is 30000 bytes long"))
  }

  @Test func anInspectionHoldsEveryStageAndAPageOfItself() throws {
    let cache = try TemporaryFolder()
    let folder = try TemporaryFolder()
    let result = try Self.ask(
      ["inspect", "Samples/breakfast.png", "how many </script> cups?", "--out", folder.url.path] + Self.map,
      cache: cache)
    #expect(result.status == 0, "\(result.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(
      names == [
        "1-image.png", "2-overlay.png", "2-panoptic.json", "2-panoptic.png", "3-crayon.json", "3-listing.txt",
        "3-numbering.png", "3-semantic.png", "4-vision.png", "4-vision.safetensors", "5-sequence.json",
        "5-sequence.safetensors", "6-reply.json", "7-overlay.png", "7-regions.json", "index.html",
      ])
    #expect(try RGBImage(readingFrom: folder.url).width == 640)
    #expect(try PanopticMap(readingFrom: folder.url).segments.count == 9)
    #expect(try CrayonPrompt(readingFrom: folder.url).objects.count == 9)
    let vision = try VisionTokens(readingFrom: folder.url)
    #expect(vision.rows == 16 && vision.columns == 16)
    let sequence = try FusedSequence(readingFrom: folder.url)
    #expect(sequence.imageSpan.count == 256)
    #expect(try Reply(readingFrom: folder.url).promptTokens == sequence.count)
    let page = try String(contentsOf: folder.file("index.html"), encoding: .utf8)
    // Nothing is loaded from anywhere, and no text ends the page's own scripts.
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("src=\"1-"))
    #expect(page.components(separatedBy: "</script>").count == 3)
  }

  /// After an answer Ctrl-C is heard as before it: the first asks to stop, the second ends the program.
  @Test(.timeLimit(.minutes(2))) func ctrlCIsHeardThroughoutAChat() throws {
    let folder = try TemporaryFolder()
    let output = folder.file("output")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = CrayonProcess.program
    process.arguments = ["chat", "Samples/breakfast.png"] + Self.map
    process.currentDirectoryURL = CrayonProcess.repository
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": folder.url.path]) {
      $1
    }
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<2 {
      let before = try Data(contentsOf: output).count
      try input.fileHandleForWriting.write(contentsOf: Data("is there a bowl?\n".utf8))
      while process.isRunning, try Data(contentsOf: output).count == before { usleep(50_000) }
    }
    // The answer's last word is written before the next line is waited for.
    sleep(1)
    for _ in 0..<20 where process.isRunning {
      kill(process.processIdentifier, SIGINT)
      usleep(200_000)
    }
    #expect(!process.isRunning)
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGINT)
  }
}
