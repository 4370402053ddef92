import Foundation
import TestSupport
import Testing

/// How `crayon serve` begins and ends.
@Suite struct ServeCommandTests {
  @Test func nobodyElseWithoutAKey() throws {
    let open = try CrayonProcess.run("serve", "--host", "0.0.0.0")
    #expect(open.status == 64)
    #expect(open.errors.contains("give --api-key-file, or --insecure"))
    let folder = try TemporaryFolder()
    try Data("short\n".utf8).write(to: folder.file("key"))
    let short = try CrayonProcess.run("serve", "--api-key-file", folder.file("key").path)
    #expect(short.status == 64)
    #expect(short.errors.hasSuffix("has to be 8 or more visible ASCII characters on one line\n"))
    #expect(try CrayonProcess.run("serve", "--api-key-file", "/nowhere").status == 64)
  }

  @Test func aFolderHasToBeAnnotated() throws {
    let folder = try TemporaryFolder()
    let result = try CrayonProcess.run("serve", "--folder", folder.url.path)
    #expect(result.status == 64)
    #expect(
      result.errors == "error: \(folder.url.path) was not written by crayon annotate: it has no records\n")
  }

  @Test(
    .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
  func aSignalEndsIt() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: folder.file("errors"))
    let process = try CrayonProcess.start(
      ["serve", "--port", "0", "--pipeline", "pocket-scenes"],
      errors: try FileHandle(forWritingTo: folder.file("errors")))
    func said() throws -> String {
      String(decoding: try Data(contentsOf: folder.file("errors")), as: UTF8.self)
    }
    while process.isRunning, !(try said().contains("listening at http://127.0.0.1:")) { usleep(20_000) }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(process.terminationReason == .exit)
  }
}
