import Checkpoints
import CrayonCore
import Foundation
import Tensors
import TestSupport
import Testing

/// Vision tokens are read back as they were written, and drawn so that cells that are alike look alike.
@Suite struct VisionTokensTests {
  static func tokens(rows: Int = 3, columns: Int = 5, width: Int = 8) -> VisionTokens {
    var numbers = SeededNumbers(seed: 3)
    return VisionTokens(
      features: Tensor(numbers.floats(rows * columns * width), shape: [rows * columns, width]), rows: rows,
      columns: columns, frame: PictureFrame(.centreCrop(edge: 30, crop: 20), width: 40, height: 30))
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let folder = try TemporaryFolder()
    let tokens = Self.tokens()
    try tokens.write(to: folder.url)
    let read = try VisionTokens(readingFrom: folder.url)
    #expect(read.features.values == tokens.features.values)
    #expect(read.rows == 3 && read.columns == 5 && read.frame == tokens.frame)
    // Data alone: drawing is for those who look.
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names == VisionTokens.fileNames)
  }

  @Test(arguments: ["rows", "columns", "frame"])
  func aFileWithoutItsNotesIsRefused(key: String) throws {
    let folder = try TemporaryFolder()
    var notes = [
      "rows": "3", "columns": "5", "frame": #"{"mode":{"squash":{}},"width":4,"height":0}"#,
    ]
    if key != "frame" { notes[key] = "0" }
    var writer = SafetensorsWriter(metadata: notes)
    writer["features"] = .float32(Self.tokens().features)
    try writer.write(to: folder.file("4-vision.safetensors"))
    let error = #expect(throws: VisionTokensError.self) { try VisionTokens(readingFrom: folder.url) }
    #expect(error == .badNote(file: folder.file("4-vision.safetensors").path, key: key))
  }

  @Test func aNumberThatIsNoneIsRefused() throws {
    let folder = try TemporaryFolder()
    var features = Self.tokens().features
    features.write { $0[3] = .nan }
    try VisionTokens(
      features: features, rows: 3, columns: 5, frame: PictureFrame(.squash, width: 2, height: 2)
    ).write(to: folder.url)
    #expect(throws: CheckpointError.self) { try VisionTokens(readingFrom: folder.url) }
  }
}
