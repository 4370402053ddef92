import CrayonCore
import Foundation
import Grounding
import Layers
import Tensors
import TestSupport
import Testing

/// The losses against torch's. Fixtures: Tests/Reference/grounding.py.
@Suite struct LossTests {
  struct Expected: Decodable {
    var logits: [[Float]]
    var truth: [[Float]]
    var boxes: [[Double]]
    var targets: [[Double]]
    var crossEntropy: [Double]
    var focal: [Double]
    var focalOfMean: [Double]
    var dice: [Double]
    var l1: Double
    var giou: [Double]
    var detection: Double
  }

  let expected: Expected

  init() throws {
    let file = Fixtures.folder.appendingPathComponent("7-Grounding/losses.json")
    expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
  }

  static func boxes(_ values: [[Double]]) -> [FrameBox] {
    values.map { FrameBox(x0: $0[0], y0: $0[1], x1: $0[2], y1: $0[3]) }
  }

  @Test func masks() {
    for index in expected.logits.indices {
      let (logits, truth) = (expected.logits[index], expected.truth[index])
      #expect(abs(MaskLosses.crossEntropy(logits, truth) - expected.crossEntropy[index]) < 1e-6)
      #expect(abs(MaskLosses.focal(logits, truth) - expected.focal[index]) < 1e-6)
      #expect(abs(MaskLosses.focalOfMean(logits, truth) - expected.focalOfMean[index]) < 1e-6)
      #expect(abs(MaskLosses.dice(logits, truth) - expected.dice[index]) < 1e-6)
    }
    #expect(MaskLosses.score([0.5, 1], [0, 0.5]) == 0.25)
  }

  @Test func boxes() {
    let (boxes, targets) = (Self.boxes(expected.boxes), Self.boxes(expected.targets))
    #expect(abs(BoxLosses.l1(boxes, targets) - expected.l1) < 1e-6)
    for ((box, target), giou) in zip(zip(boxes, targets), expected.giou) {
      #expect(abs(BoxLosses.generalisedIntersectionOverUnion(box, target) - giou) < 1e-5)
    }
    #expect(abs(BoxLosses.detection(boxes, targets) - expected.detection) < 1e-5)
  }

  /// Turned round, or without area: no division by zero, and no part in the second term.
  @Test func boxesThatAreNone() {
    let point = FrameBox(x0: 0.5, y0: 0.5, x1: 0.5, y1: 0.5)
    #expect(BoxLosses.intersectionOverUnion(point, point) == 0)
    #expect(BoxLosses.generalisedIntersectionOverUnion(point, point) == 0)
    let turned = FrameBox(x0: 0.75, y0: 0, x1: 0.25, y1: 1)
    #expect(BoxLosses.detection([turned], [.whole]) == 2 * 0.375)
    #expect(MaskLosses.crossEntropy([1000, -1000], [1, 0]) == 0)
  }

  /// With an encoder and a decoder that undo each other, nothing is lost.
  @Test func cycles() {
    let identity = Tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], shape: [4, 4])
    let same = Perceptron([Linear(weight: identity, bias: nil)])
    let shifted = Perceptron([Linear(weight: identity, bias: Tensor([0.5, 0.5, 0.5, 0.5], shape: [4]))])
    let box = FrameBox(x0: 0.25, y0: 0.5, x1: 0.75, y1: 1)
    let perfect = GroundingHeads(locationEncoder: same, boxDecoder: same)
    #expect(CycleLosses.boxes([box], perfect) == 0)
    let off = GroundingHeads(locationEncoder: same, boxDecoder: shifted)
    #expect(CycleLosses.boxes([box], off) == 0.5)
    #expect(CycleLosses.states(Tensor([1, 2, 3, 4], shape: [1, 4]), off) == 0.25)
  }
}
