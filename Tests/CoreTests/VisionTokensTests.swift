import Checkpoints
import CrayonCore
import Drawing
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

  @Test func theDrawingShowsWhatDiffers() {
    // Two kinds of cells, far apart along one direction of many.
    let (rows, columns, width) = (4, 6, 32)
    var numbers = SeededNumbers(seed: 5)
    let direction = numbers.floats(width)
    let values = (0..<rows * columns).flatMap { cell in
      direction.map { ($0 * (cell % 2 == 0 ? 5 : -5)) + Float.random(in: -0.01...0.01, using: &numbers) }
    }
    let tokens = VisionTokens(
      features: Tensor(values, shape: [rows * columns, width]), rows: rows, columns: columns,
      frame: PictureFrame(.squash, width: 6, height: 4))
    let drawing = VisionTokensPicture(tokens).image
    let cell = drawing.width / columns
    #expect(cell >= 16 && drawing.height == rows * cell)
    func red(_ row: Int, _ column: Int) -> UInt8 {
      drawing.pixels[((row * cell + cell / 2) * drawing.width + column * cell + cell / 2) * 3]
    }
    #expect(abs(Int(red(0, 0)) - Int(red(2, 4))) < 10)
    #expect(abs(Int(red(0, 0)) - Int(red(2, 3))) > 200)
  }

  @Test func oneCellAndAFlatGridAreGrey() {
    let tokens = VisionTokens(
      features: Tensor([Float](repeating: 2, count: 24), shape: [6, 4]), rows: 2, columns: 3,
      frame: PictureFrame(.squash, width: 6, height: 4))
    #expect(VisionTokensPicture(tokens).image.pixels.allSatisfy { $0 == 128 || $0 == 96 })
  }
}
