import Foundation
import TestSupport
import Testing

/// Places where results cannot go are named in a sentence, before any work is done for them.
@Suite struct OutputCommandTests {
  static let ask = ["ask", "Samples/breakfast.png", "where is the bowl?"] + AskCommandTests.map

  @Test(arguments: [
    (ask + ["--overlay", "DIR/none/a.png"], Int32(1), "/a.png: there is no folder DIR/none"),
    (ask + ["--overlay", "DIR/file/a.png"], 1, "DIR/file is a file and no folder"),
    (ask + ["--overlay", "DIR/folder.png"], 1, "DIR/folder.png: it is a folder"),
    (ask + ["--overlay", "DIR/a.jpg"], 64, "--overlay writes a PNG: name a file that ends in .png."),
    (ask + ["--overlay", "DIR/a"], 64, "--overlay writes a PNG: name a file that ends in .png."),
    (ask + ["--masks", "DIR/file"], 1, "DIR/file is a file and no folder"),
    (ask + ["--masks", "DIR/file/masks"], 1, "DIR/file is a file and no folder"),
    (
      ["inspect", "Samples/breakfast.png", "--out", "DIR/file"] + AskCommandTests.map, 1,
      "DIR/file is a file and no folder"
    ),
    (
      ["inspect", "Samples/breakfast.png", "--out", "DIR/file/deeper"] + AskCommandTests.map, 1,
      "DIR/file is a file and no folder"
    ),
  ])
  func whereNothingCanGo(arguments: [String], status: Int32, sentence: String) throws {
    let folder = try TemporaryFolder()
    try Data("a file".utf8).write(to: folder.file("file"))
    try FileManager.default.createDirectory(at: folder.file("folder.png"), withIntermediateDirectories: true)
    let result = try CrayonProcess.run(
      arguments.map { $0.replacingOccurrences(of: "DIR", with: folder.url.path) },
      environment: ["XDG_CACHE_HOME": folder.file("cache").path])
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    let errors = result.errors.replacingOccurrences(of: folder.url.path, with: "DIR")
    #expect(errors.contains(sentence), "\(errors)")
    #expect(!errors.contains("Error Domain") && !errors.contains("NSCocoa"), "\(errors)")
  }

  /// What cannot be said, as on a full disk, is a failure with a sentence.
  @Test(arguments: [
    ask, ask + ["--json"], ["models", "list"], ["pipelines", "list"],
    ["chat", "Samples/breakfast.png"] + AskCommandTests.map,
  ])
  func aFullDisk(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let (errors, input) = (folder.file("errors"), folder.file("input"))
    try Data().write(to: errors)
    try Data("is there a bowl?\n".utf8).write(to: input)
    let process = Process()
    process.executableURL = CrayonProcess.program
    process.arguments = arguments
    process.currentDirectoryURL = CrayonProcess.repository
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": folder.url.path]) {
      $1
    }
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationReason == .exit && process.terminationStatus == 1)
    #expect(text.contains("nothing can be written to standard output: No space left on device"), "\(text)")
  }

  @Test(arguments: ["abc", "1.5", "-1", "1e9"])
  func aCacheOfAnOddSize(text: String) throws {
    let result = try CrayonProcess.run("pipelines", "list", environment: ["CRAYON_CACHE_MEGABYTES": text])
    #expect(result.status == 64 && result.errors.contains("is \"\(text)\", and no whole number of megabytes"))
  }
}
