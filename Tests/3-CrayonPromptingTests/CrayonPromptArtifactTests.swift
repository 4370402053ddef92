import CrayonCore
import CrayonPrompting
import Foundation
import TestSupport
import Testing

/// The stage's result as files.
@Suite struct CrayonPromptArtifactTests {
  static func prompt() throws -> CrayonPrompt {
    CrayonPrompter(grid: GridSize(rows: 2, columns: 3)).run(
      try drawnMap(["ab ", "cc "], ["a": (id: 8, "cup"), "b": (id: 7, "cup"), "c": (id: 9, "wombat")]))
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let folder = try TemporaryFolder()
    let prompt = try Self.prompt()
    try prompt.write(to: folder.url)
    #expect(try CrayonPrompt(readingFrom: folder.url) == prompt)
    #expect(try String(contentsOf: folder.file("3-listing.txt"), encoding: .utf8) == prompt.listing + "\n")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names.sorted() == CrayonPrompt.fileNames)
  }

  static func message(_ change: (String) -> String) throws -> String {
    let folder = try TemporaryFolder()
    try prompt().write(to: folder.url)
    let file = folder.file("3-crayon.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try change(text).write(to: file, atomically: true, encoding: .utf8)
    do {
      return "accepted: \(try CrayonPrompt(readingFrom: folder.url).listing)"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.url.path, with: "DIR")
    }
  }

  static let sizes = "DIR/3-crayon.json does not hold together: its grids have other sizes than it says"
  static let segments =
    "DIR/3-crayon.json does not hold together: its grids name segments that it does not list"
  static let json = "DIR/3-crayon.json cannot be read: it is not the JSON of this artifact"

  @Test(arguments: [
    (#""rows":2"#, #""rows":3"#, sizes), (#""rows":2"#, #""rows":-2"#, sizes),
    (#""rows":2"#, #""rows":0"#, sizes),
    (#""columns":3"#, #""columns":9223372036854775807"#, sizes),
    (#""semantic":[42,"#, #""semantic":["#, sizes), (#""numbering":[2,"#, #""numbering":[2,1,"#, sizes),
    (#""semantic":[42,"#, #""semantic":[-42,"#, segments), (#""ids":[8,"#, #""ids":[6,"#, segments),
    (#""ids":[8,"#, #""ids":[4294967296,"#, json), (#""ids":[8,"#, #""ids":[null,"#, json),
    (#""listing""#, #""words""#, json), (#""x0":"#, #""x0":1e999,"x":"#, json),
  ])
  func aDamagedFile(old: String, new: String, sentence: String) throws {
    let message = try Self.message { text in
      #expect(text.contains(old))
      return text.replacingOccurrences(of: old, with: new)
    }
    #expect(message == sentence)
  }

  @Test(arguments: ["", "{", "[]", "null", "\u{0}"])
  func anotherFile(text: String) throws {
    #expect(try Self.message { _ in text } == Self.json)
  }

  @Test func noFile() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: ArtifactError.self) { try CrayonPrompt(readingFrom: folder.url) }
    #expect(error == .unreadable(file: folder.file("3-crayon.json").path, reason: "there is no such file"))
  }
}
