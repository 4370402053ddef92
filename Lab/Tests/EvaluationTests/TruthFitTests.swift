import CrayonCore
import Evaluation
import Foundation
import Questions
import Testing

/// Truths that cannot be those of the pictures they are given for.
@Suite struct TruthFitTests {
  static func sample(
    boxes: [PictureBox] = [], inputBoxes: [PictureBox] = [], mask: RunLengthMask? = nil, size: [Int]? = nil
  ) -> RegionSample {
    RegionSample(
      image: URL(fileURLWithPath: "/p.jpg"), question: "Where is it?", inputBoxes: inputBoxes, boxes: boxes,
      mask: mask, size: size)
  }

  static func box(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> PictureBox {
    PictureBox(x0: x0, y0: y0, x1: x1, y1: y1)
  }

  @Test(
    arguments: [
      (sample(boxes: [box(0, 0, 64, 48)]), nil), (sample(boxes: [box(0, 0, 64.6, 48.9)]), nil),
      (sample(boxes: [box(-0.5, 0, 10, 10)]), nil), (sample(size: [64, 48]), nil),
      (sample(boxes: [box(0, 0, 66, 48)]), "the box 0,0,66,48 reaches beyond the picture's 64×48 pixels"),
      (sample(boxes: [box(0, -3, 6, 4)]), "the box 0,-3,6,4 reaches beyond the picture's 64×48 pixels"),
      (
        sample(boxes: [box(0, 0, 6, 4), box(70, 0, 80, 4)]),
        "the box 70,0,80,4 reaches beyond the picture's 64×48 pixels"
      ),
      (sample(inputBoxes: [box(0, 0, 64, 50)]), "the box 0,0,64,50 reaches beyond the picture's 64×48 pixels"),
      // Of rounding, and none of it in the picture.
      (sample(boxes: [box(64, 40, 65, 48)]), "the box 64,40,65,48 reaches beyond the picture's 64×48 pixels"),
      (sample(inputBoxes: [box(3, -1, 9, 0)]), "the box 3,-1,9,0 reaches beyond the picture's 64×48 pixels"),
      // In parts of the sides.
      (sample(boxes: [box(0, 0, 1, 1)]), nil), (sample(boxes: [box(0.5, 0.5, 1.5, 1.5)]), nil),
      (
        sample(boxes: [box(0.1, 0.25, 0.5, 1)]),
        "the box 0.1,0.25,0.5,1 is less than a pixel; places are said in pixels, not in parts of the sides"
      ),
      (sample(size: [48, 64]), "it is listed with 48×64 pixels, and has 64×48"),
      (
        sample(mask: RunLengthMask(width: 2, height: 2, pixels: [true, true, true, true])),
        "the mask has 2×2 pixels, and the picture 64×48"
      ),
    ] as [(RegionSample, String?)])
  func places(sample: RegionSample, fault: String?) {
    #expect(sample.fault(width: 64, height: 48) == fault)
  }

  @Test func questions() {
    let record = QuestionRecord(
      id: 1, image: "p.png", map: "p.png", width: 64, height: 48, segments: [], questions: [])
    #expect(record.fault(width: 64, height: 48) == nil)
    #expect(record.fault(width: 64, height: 49) == "it is listed with 64×48 pixels, and has 64×49")
  }
}
