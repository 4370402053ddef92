import Foundation
import TestSupport
import Testing

/// What the program says, and how it ends, when it is asked for help or asked wrongly.
@Suite struct UsageTests {
  @Test(arguments: [
    ["--help"], ["annotate", "--help"], ["models", "pull", "--help"],
  ])
  func helpIsAnAnswer(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    try Data().write(to: folder.file("output"))
    let process = try CrayonProcess.start(
      arguments, output: try FileHandle(forWritingTo: folder.file("output")))
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try String(contentsOf: folder.file("output"), encoding: .utf8).contains("USAGE: crayon"))
  }

  @Test func wrongUsage() throws {
    #expect(try CrayonProcess.run("annotate").status == 64)
    #expect(try CrayonProcess.run("annotate", "Samples", "--shard", "5/4").status == 64)
    #expect(try CrayonProcess.run("annotate", "Samples", "--jobs", "0").status == 64)
    #expect(try CrayonProcess.run("paint").status == 64)
  }

  /// The laboratory's program is looked for beside this one.
  @Test(arguments: ["eval", "synth", "drift", "bench"])
  func aCommandOfAProgramThatIsNotThere(command: String) throws {
    let folder = try TemporaryFolder()
    let alone = folder.file("crayon")
    try FileManager.default.copyItem(at: CrayonProcess.program, to: alone)
    for arguments in [[command], [command, "--help"]] {
      let result = try CrayonProcess.run(arguments, program: alone)
      #expect(result.status == 3 && result.output.isEmpty)
      #expect(
        result.errors
          == "error: \(command) is a command of crayon-lab, which is not there (\(folder.file("crayon-lab").path)); "
          + "`make build` in a checkout of crayon builds both\n")
    }
  }

  @Test func thereIsNoSuchFolder() throws {
    let result = try CrayonProcess.run("annotate", "/nowhere/at/all", "--pipeline", "untrained")
    #expect(result.status == 64)
    #expect(result.errors == "error: there is no file or folder /nowhere/at/all\n")
    #expect(result.output.isEmpty)
  }

  @Test func aModelThatIsNotThere() throws {
    let folder = try TemporaryFolder()
    let result = try CrayonProcess.run(
      "annotate", "Samples", "--pipeline", "mask2former-swin-tiny", "--out", folder.file("out").path,
      environment: ["CRAYON_MODELS": folder.url.path])
    #expect(result.status == 3)
    #expect(result.errors.contains("mask2former-swin-tiny"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("out").path))
  }

  @Test func aPipelineThatIsNotThereNamesThoseThatAre() throws {
    let result = try CrayonProcess.run("annotate", "Samples", "--pipeline", "no-such")
    #expect(result.status == 64)
    #expect(result.errors.contains("no-such") && result.errors.contains("untrained"))
  }

  @Test func kernelsThatThisProcessorLacks() throws {
    let result = try CrayonProcess.run("pipelines", "list", environment: ["CRAYON_KERNELS": "abacus"])
    #expect(result.status == 64)
    #expect(result.errors.contains("abacus") && result.errors.contains("portable"))
  }

  @Test func resultsCannotBeWritten() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: folder.file("file"))
    let out = folder.file("file").appendingPathComponent("out").path
    let result = try CrayonProcess.run("annotate", "Samples", "--pipeline", "untrained", "--out", out)
    #expect(result.status == 1)
    #expect(result.errors.contains("nothing can be written to \(out)"))
  }

  @Test func aLinkBackUpIsFollowedOnce() throws {
    let folder = try TemporaryFolder()
    let pictures = folder.file("pictures")
    try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Fixtures.folder.appendingPathComponent("1-Imaging/scene.png"),
      to: pictures.appendingPathComponent("scene.png"))
    try FileManager.default.createSymbolicLink(
      at: pictures.appendingPathComponent("loop"), withDestinationURL: pictures)
    try FileManager.default.createSymbolicLink(
      atPath: pictures.appendingPathComponent("circle").path, withDestinationPath: "circle")
    let result = try CrayonProcess.run(
      "annotate", pictures.path, "--recursive", "--pipeline", "untrained", "--out",
      folder.file("out").path)
    #expect(result.status == 1)
    #expect(result.errors.contains("1 annotated, 1 failed"))
    #expect(result.errors.contains("circle: it is a link that leads nowhere"))
  }
}
