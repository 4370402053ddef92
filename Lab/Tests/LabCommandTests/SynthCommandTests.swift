import Foundation
import TestSupport
import Testing

/// `crayon synth`, run as a person runs it.
@Suite struct SynthCommandTests {
  @Test func layoutsWithQuestions() throws {
    let folder = try TemporaryFolder()
    let out = folder.file("layouts")
    let result = try CrayonProcess.run(
      "synth", "--layouts", "--count", "5", "--seed", "1", "--size", "64x48", "--out", out.path, "--json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\"made\" : 5"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
        == [".crayon", "panoptic", "panoptic.json", "questions.jsonl"])
    let again = try CrayonProcess.run(
      "synth", "--layouts", "--count", "5", "--seed", "1", "--size", "64x48", "--out", out.path)
    #expect(again.status == 0 && again.output.hasSuffix("questions.jsonl\n"))
    #expect(again.errors.contains("0 made, 5 were there"))
    let other = try CrayonProcess.run("synth", "--layouts", "--count", "6", "--out", out.path)
    #expect(other.status == 64)
    #expect(
      other.errors == "error: \(out.path) holds another run, of other settings; name a new folder, or "
        + "repeat those settings to go on\n")
  }

  @Test func scenesHavePictures() throws {
    let folder = try TemporaryFolder()
    let result = try CrayonProcess.run(
      "synth", "--count", "2", "--seed", "1000000", "--size", "64x64", "--questions", "4", "--out",
      folder.file("scenes").path)
    #expect(result.status == 0, "\(result.errors)")
    let lines = try String(contentsOf: folder.file("scenes/questions.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.contains("\"image\":\"images/1000000.png\"") == true)
    #expect(FileManager.default.fileExists(atPath: folder.file("scenes/images/1000001.png").path))
  }

  @Test func mapsThatExist() throws {
    let folder = try TemporaryFolder()
    let truth = Fixtures.folder.appendingPathComponent("Evaluation/tiny/prediction")
    let arguments = [
      "synth", "--maps", truth.appendingPathComponent("panoptic.json").path, "--maps-dir",
      truth.appendingPathComponent("maps").path, "--questions", "3", "--out", folder.file("q").path,
    ]
    let process = try CrayonProcess.start(arguments)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(
      try String(contentsOf: folder.file("q/questions.jsonl"), encoding: .utf8).split(separator: "\n").count
        == 4)
    // What is there is not replaced.
    let again = try CrayonProcess.start(arguments)
    again.waitUntilExit()
    #expect(again.terminationStatus == 64)
  }

  @Test(arguments: [
    ["--count", "1", "--out", "DIR/file"], ["--count", "1", "--out", "DIR/file/deeper"],
    ["--maps", "Samples/panoptic.json", "--maps-dir", "Samples/panoptic", "--out", "DIR/file/deeper"],
  ])
  func whereNothingCanGo(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    try Data("a file".utf8).write(to: folder.file("file"))
    let result = try CrayonProcess.run(
      ["synth"] + arguments.map { $0.replacingOccurrences(of: "DIR", with: folder.url.path) })
    #expect(result.status == 1)
    #expect(result.errors.contains("\(folder.url.path)/file is a file and no folder"), "\(result.errors)")
  }

  @Test(arguments: [
    ["synth", "--out", "x"], ["synth", "--count", "5"], ["synth", "--count", "0", "--out", "x"],
    ["synth", "--count", "5", "--out", "x", "--size", "64"], ["synth", "--maps", "a.json", "--out", "x"],
    ["synth", "--count", "5", "--maps-dir", "a", "--out", "x"],
    ["synth", "--count", "5", "--layouts", "--size", "4x4", "--out", "x"],
    ["synth", "--count", "5", "--size", "31x256", "--out", "x"],
    ["synth", "--count", "5", "--seed", "999998", "--out", "x"], ["synth", "--count", "-5", "--out", "x"],
    ["synth", "--count", "5", "--seed", "99999999999999999999", "--out", "x"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let arguments = arguments.map { $0 == "x" ? folder.file("x").path : $0 }
    let process = try CrayonProcess.start(arguments)
    process.waitUntilExit()
    #expect(process.terminationStatus == 64)
    #expect(!FileManager.default.fileExists(atPath: folder.file("x").path))
  }
}
