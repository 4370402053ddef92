import CrayonCore
import Foundation
import TestSupport
import Testing

/// An evaluation goes on past a bad picture, keeps every answer as it is given, and goes on where it was stopped.
@Suite(
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct EvaluationRunCommandTests {
  /// Two sample pictures with two questions each, in a folder of their own.
  struct Place: ~Copyable {
    let folder: TemporaryFolder
    static let pictures = ["breakfast.png", "cups.png"]

    init() throws {
      let folder = try TemporaryFolder()
      let samples = CrayonProcess.repository.appendingPathComponent("Samples")
      let lines = try String(contentsOf: samples.appendingPathComponent("questions.jsonl"), encoding: .utf8)
        .split(separator: "\n")
      var kept: [String] = []
      for picture in Self.pictures {
        try FileManager.default.copyItem(
          at: samples.appendingPathComponent(picture), to: folder.file(picture))
        let line = try #require(lines.first { $0.contains("\"\(picture)\"") || $0.contains("/\(picture)\"") })
        var record = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let questions = try #require(record["questions"] as? [[String: Any]])
        record["questions"] = Array(
          questions.filter { ($0["input_regions"] as? [Any])?.isEmpty != false }.prefix(2))
        record["image"] = picture
        kept.append(String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self))
      }
      try Data(kept.joined(separator: "\n").utf8).write(to: folder.file("questions.jsonl"))
      self.folder = folder
    }

    borrowing func answers() throws -> [String] {
      guard let text = try? String(contentsOf: folder.file("answers.jsonl"), encoding: .utf8) else { return [] }
      return text.split(separator: "\n").map(String.init)
    }

    borrowing func evaluate(_ options: String...) throws -> CrayonProcess.Result {
      try CrayonProcess.run(arguments + options)
    }

    var arguments: [String] {
      [
        "eval", "vqa", "--data", folder.file("questions.jsonl").path, "--answers",
        folder.file("answers.jsonl").path,
        "--max-tokens", "8", "--json",
      ]
    }
  }

  static func asked(_ result: CrayonProcess.Result) throws -> Int? {
    (try JSONOutput.object(result)["all"] as? [String: Any])?["asked"] as? Int
  }

  enum Damage: CaseIterable, Sendable {
    case gone, cut, empty, another
  }

  @Test(arguments: Damage.allCases)
  func aBadPictureIsPassed(damage: Damage) throws {
    let place = try Place()
    let picture = place.folder.file(Place.pictures[0])
    switch damage {
    case .gone: try FileManager.default.removeItem(at: picture)
    case .cut: try Data(contentsOf: picture).prefix(2000).write(to: picture)
    case .empty: try Data().write(to: picture)
    case .another:
      try RGBImage(width: 20, height: 10, pixels: Array(repeating: 7, count: 600)).writePNG(to: picture)
    }
    let result = try place.evaluate()
    #expect(result.status == 1, "\(result.errors)")
    #expect(try Self.asked(result) == 2)
    #expect(try place.answers().count == 2)
    let failures = try #require(try JSONOutput.object(result)["failures"] as? [[String: Any]])
    #expect(failures.reduce(0) { $0 + ($1["questions"] as? Int ?? 0) } == 2)
    #expect(
      result.errors.contains("failed: \(Place.pictures[0])")
        && result.errors.contains("2 of 4 questions were not asked"))
    // A picture of another size is the truth's fault, and is not scored.
    if damage == .another {
      #expect(result.errors.contains("the truth does not fit its picture: it is listed with "))
    }
    #expect(!result.errors.contains("Error Domain"))
  }

  /// What was answered is not asked again; what is damaged at the end of the file is.
  @Test func aRunGoesOn() throws {
    let place = try Place()
    let whole = try place.evaluate()
    #expect(whole.status == 0, "\(whole.errors)")
    let answers = try place.answers()
    #expect(answers.count == 4)
    let started = ContinuousClock.now
    let again = try place.evaluate()
    #expect(again.status == 0 && again.output == whole.output && again.errors.contains("4 answers are in "))
    let repeated = ContinuousClock.now - started
    #expect(try place.answers() == answers, "\(repeated)")

    // A kill in the midst of the third line.
    let cut = answers.prefix(2).joined(separator: "\n") + "\n" + answers[2].prefix(30)
    try Data(cut.utf8).write(to: place.folder.file("answers.jsonl"))
    let mended = try place.evaluate()
    #expect(mended.status == 0 && mended.output == whole.output && mended.errors.contains("2 answers are in "))
    #expect(try place.answers() == answers)
  }

  @Test func anotherRunsAnswersAreNotTaken() throws {
    let place = try Place()
    #expect(try place.evaluate().status == 0)
    let before = try place.answers()
    for options in [
      ["--listing", "none"], ["--crayon", "off"], ["--max-tokens", "9"], ["--boxes", "heads"],
    ] {
      let result = try CrayonProcess.run(place.arguments + options)
      #expect(
        result.status == 1 && result.errors.contains("holds something else than answers of this pipeline"))
    }
    #expect(try place.answers() == before)
    try FileManager.default.removeItem(at: place.folder.file(Place.pictures[0]))
    try FileManager.default.copyItem(
      at: place.folder.file(Place.pictures[1]), to: place.folder.file(Place.pictures[0]))
    let changed = try place.evaluate()
    #expect(changed.status == 1 && changed.errors.contains("has changed since "), "\(changed.errors)")
    try Data("my notes\n".utf8).write(to: place.folder.file("answers.jsonl"))
    #expect(try place.evaluate().status == 1)
    #expect(try place.answers() == ["my notes"])
  }

  /// Answers are kept for the truth and the maps that they were judged by.
  @Test func anotherTruthOrAnotherMapIsSaid() throws {
    let place = try Place()
    #expect(try place.evaluate().status == 0)
    let questions = place.folder.file("questions.jsonl")
    let text = try String(contentsOf: questions, encoding: .utf8)
    let first = try #require(text.firstMatch(of: /"answer" ?: ?"[^"]*"/))
    try Data(text.replacingCharacters(in: first.range, with: "\"answer\": \"Something else.\"").utf8).write(
      to: questions)
    let changed = try place.evaluate()
    #expect(changed.status == 1 && changed.errors.contains("what is right of “"), "\(changed.errors)")
    try Data(text.utf8).write(to: questions)

    // A map that is given; the folder's name may end in a slash.
    let samples = CrayonProcess.repository.appendingPathComponent("Samples")
    let maps = place.folder.file("maps")
    try FileManager.default.copyItem(at: samples.appendingPathComponent("panoptic"), to: maps)
    try FileManager.default.copyItem(
      at: samples.appendingPathComponent("panoptic.json"), to: place.folder.file("maps.json"))
    let command = [
      "eval", "vqa", "--data", questions.path, "--answers", place.folder.file("given.jsonl").path,
      "--max-tokens",
      "8", "--json", "--panoptic-dir", maps.path + "/",
    ]
    let given = try CrayonProcess.run(command)
    #expect(given.status == 0, "\(given.errors)")
    let map = maps.appendingPathComponent("cups.png")
    let pixels = try Data(contentsOf: map)
    try (pixels + Data([0])).write(to: map)
    let again = try CrayonProcess.run(command)
    #expect(again.status == 1 && again.errors.contains("holds something else than answers"), "\(again.errors)")
  }

  @Test(arguments: [SIGKILL, SIGINT])
  func aRunThatIsStoppedHasLostNothing(signal: Int32) throws {
    let place = try Place()
    let process = try CrayonProcess.start(place.arguments)
    while try place.answers().isEmpty && process.isRunning { Thread.sleep(forTimeInterval: 0.01) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    if signal == SIGINT && process.terminationReason == .exit {
      #expect([0, 130].contains(process.terminationStatus))
    }
    let kept = try place.answers()
    #expect(!kept.isEmpty)
    let result = try place.evaluate()
    #expect(result.status == 0, "\(result.errors)")
    #expect(try Self.asked(result) == 4)
    let answers = try place.answers()
    #expect(answers.count == 4 && Set(answers).count == 4)
  }
}
