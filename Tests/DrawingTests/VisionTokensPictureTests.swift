import CrayonCore
import Drawing
import Tensors
import TestSupport
import Testing

/// Vision tokens by their principal components.
@Suite struct VisionTokensPictureTests {
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
