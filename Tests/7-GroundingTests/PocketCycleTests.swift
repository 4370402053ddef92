import Checkpoints
import CrayonCore
import Foundation
import Grounding
import TestSupport
import Testing

/// NExT-Chat's cycle, F(G(b)) = b, of the weights that are shipped, for every box of the sample pictures.
struct PocketCycleTests {
  @Test func boxesComeBackFromTheLocationEncoder() throws {
    let pocket = PocketPicture.weights
    let samples = pocket.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
      "Samples")
    let dataset = try COCOPanoptic(readingJSON: samples.appendingPathComponent("panoptic.json"))
    var boxes: [FrameBox] = []
    for annotation in dataset.annotations {
      let image = try #require(dataset.images.first { $0.id == annotation.image_id })
      let (width, height) = (Double(image.width), Double(image.height))
      for segment in annotation.segments_info {
        let box = try #require(segment.bbox).map(Double.init)
        boxes.append(
          FrameBox(
            x0: box[0] / width, y0: box[1] / height, x1: (box[0] + box[2]) / width,
            y1: (box[1] + box[3]) / height))
      }
    }
    #expect(boxes.count > 100)
    let heads = try GroundingHeads(
      WeightReader(try Checkpoint(file: pocket.appendingPathComponent("grounding.safetensors"))), width: 576)
    let again = heads.boxes(of: heads.embeddings(of: boxes))
    let away = zip(boxes, again).map { box, again in
      abs(box.x0 - again.x0) + abs(box.y0 - again.y0) + abs(box.x1 - again.x1) + abs(box.y1 - again.y1)
    }
    #expect(away.reduce(0, +) / Double(away.count) < 0.02)
  }
}
