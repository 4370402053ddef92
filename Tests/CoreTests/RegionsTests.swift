import CrayonCore
import Foundation
import TestSupport
import Testing

/// Regions are read back as they were written.
@Suite struct RegionsTests {
  static let regions = Regions(
    width: 4, height: 3,
    regions: [
      Region(
        box: PictureBox(x0: 0.5, y0: 1, x1: 3.25, y1: 3),
        mask: RunLengthMask(width: 4, height: 3, pixels: (0..<12).map { $0 % 3 == 1 }), phrase: "a \"cup\"",
        score: 0.5, trigger: 0),
      Region(box: PictureBox(x0: 0, y0: 0, x1: 1, y1: 1), phrase: "ein Hügel", trigger: 2),
    ],
    notes: [.init(trigger: 1, kind: .boxNotFinite, phrase: "")])

  @Test func whatIsWrittenIsReadBack() throws {
    let folder = try TemporaryFolder()
    try Self.regions.write(to: folder.url)
    #expect(try Regions(readingFrom: folder.url) == Self.regions)
    #expect(Self.regions.notes[0].sentence.hasPrefix("the box of the answer's region 2 "))
  }

  @Test func aMaskOfAnotherSizeAndABoxWithoutArea() throws {
    let folder = try TemporaryFolder()
    var other = Self.regions
    other.width = 5
    try other.write(to: folder.url)
    #expect(throws: ArtifactError.self) { try Regions(readingFrom: folder.url) }
    other = Self.regions
    other.regions[1].box.x1 = 0
    try other.write(to: folder.url)
    #expect(throws: ArtifactError.self) { try Regions(readingFrom: folder.url) }
  }
}
