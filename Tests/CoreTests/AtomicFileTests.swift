import CrayonCore
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func aFileIsReplacedWholeAndNothingElseIsLeft() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data("old".utf8), to: folder.file("f"))
    try AtomicFile.write(Data("new".utf8), to: folder.file("f"))
    #expect(try String(contentsOf: folder.file("f"), encoding: .utf8) == "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["f"])
  }

  @Test func aWriteThatFailsChangesNothing() throws {
    struct Failure: Error {}
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data("old".utf8), to: folder.file("f"))
    #expect(throws: Failure.self) {
      try AtomicFile.write(to: folder.file("f")) { output in
        try output.append(Data(count: 1 << 20))
        throw Failure()
      }
    }
    #expect(try String(contentsOf: folder.file("f"), encoding: .utf8) == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["f"])
  }

  @Test func aMissingFolderIsNamed() throws {
    let folder = try TemporaryFolder()
    #expect {
      try AtomicFile.write(Data(), to: folder.file("no/f"))
    } throws: {
      "\($0)".hasSuffix("no/f cannot be written: No such file or directory (while trying to create it)")
    }
  }

  /// What processes that are no more have left of passing folders goes when there is a next one.
  @Test func passingFolders() throws {
    let files = FileManager.default
    let purpose = "crayon-\(UUID().uuidString)"
    let left = files.temporaryDirectory.appendingPathComponent(".\(purpose).99999999-1.part")
    try files.createDirectory(at: left, withIntermediateDirectories: true)
    let (one, other) = (try PassingFolder.make(for: purpose), try PassingFolder.make(for: purpose))
    #expect(!files.fileExists(atPath: left.path))
    for folder in [one, other] {
      #expect(try files.contentsOfDirectory(atPath: folder.path) == [])
      try files.removeItem(at: folder)
    }
  }

  /// A name that the file system takes is no longer on the way there.
  @Test(arguments: [String(repeating: "n", count: 250), String(repeating: "木", count: 84)])
  func aLongName(name: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data("x".utf8), to: folder.file(name))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [name])
  }
}
