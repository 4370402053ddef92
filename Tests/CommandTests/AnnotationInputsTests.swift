import Foundation
import TestSupport
import Testing

@testable import Annotation

/// What the paths of a command line come to.
@Suite struct AnnotationInputsTests {
  struct Case: Sendable {
    /// Files, and folders with a slash behind.
    var there: [String]
    var named: [String]
    var recursive = false
    var pictures: [String]
    var passedOver: [String] = []
    var failed: [String] = []
    /// From the folder of all on.
    var settled: [String]
  }

  @Test(arguments: [
    Case(
      there: ["p/a.png", "p/b.PNG", "p/more/c.png", "p/notes"], named: ["p"], pictures: ["a.png", "b.PNG"],
      passedOver: ["more/", "notes"], settled: ["p", "p/more", "p/notes"]),
    // What is named itself is not passed over in the folder above it.
    Case(
      there: ["p/a.png", "p/more/b.png", "p/notes"], named: ["p", "p/more", "p/notes"],
      pictures: ["a.png", "b.png", "notes"], settled: ["p", "p/more"]),
    Case(
      there: ["p/a.png", "p/more/b.png", "p/notes"], named: ["p/notes", "p/more", "p"],
      pictures: ["a.png", "b.png", "notes"], settled: ["p/more", "p"]),
    Case(
      there: ["p/a.png", "p/out/panoptic/a.png"], named: ["p"], pictures: ["a.png"], settled: ["p"]),
    // All pictures of a folder may have been found before.
    Case(
      there: ["p/more/b.png"], named: ["p/more", "p"], recursive: true, pictures: ["b.png"],
      settled: ["p/more", "p"]),
    Case(
      there: ["p/more/b.png"], named: ["p/more", "p"], pictures: ["b.png"], failed: ["p"], settled: ["p/more"]),
    Case(
      there: ["p/a.png", "empty/"], named: ["p", "empty"], pictures: ["a.png"], failed: ["empty"],
      settled: ["p"]),
  ])
  func found(c: Case) throws {
    let folder = try TemporaryFolder()
    for name in c.there {
      let file = folder.file(name)
      let isFolder = name.hasSuffix("/")
      try FileManager.default.createDirectory(
        at: isFolder ? file : file.deletingLastPathComponent(), withIntermediateDirectories: true)
      if !isFolder { try Data().write(to: file) }
    }
    let found = try AnnotationInputs.find(
      c.named.map { folder.file($0) }, recursive: c.recursive, excluding: folder.file("p/out"),
      isPicture: { _ in false })
    #expect(found.pictures.map(\.name) == c.pictures)
    #expect(found.passedOver == c.passedOver)
    #expect(found.failures.map(\.file) == c.failed)
    #expect(found.settled == c.settled.map { folder.file($0).standardizedFileURL.path })
  }
}
