import CrayonCore
import Evaluation
import Foundation
import Questions
import TestSupport
import Testing

/// Scores of regions against what another program makes of the same answers (Tests/Reference/regions.py), and by hand.
@Suite struct RegionEvaluationTests {
  struct Fixture: Decodable {
    struct Caption: Decodable {
      var answer: String
      var references: [String]
      var cider: Double
      var meteor: Double
    }
    struct Boxes: Decodable {
      var a: [Double]
      var b: [Double]
      var iou: Double
    }
    struct Masks: Decodable {
      var size: [Int]
      /// The truth, and the answer.
      var pairs: [[String]]
      var cumulative: Double
      var mean: Double
      var precision: Double
    }
    var captions: [Caption]
    var boxes: [Boxes]
    var masks: Masks
  }

  let fixture: Fixture

  init() throws {
    let file = Fixtures.folder.appendingPathComponent("Evaluation/regions.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }

  static func box(_ corners: [Double]) -> PictureBox {
    PictureBox(x0: corners[0], y0: corners[1], x1: corners[2], y1: corners[3])
  }

  static func sample(
    boxes: [PictureBox] = [], mask: RunLengthMask? = nil, references: [String] = []
  ) -> RegionSample {
    RegionSample(
      image: URL(fileURLWithPath: "/1.png"), question: "?", boxes: boxes, mask: mask, references: references)
  }

  static func answer(_ boxes: [PictureBox], mask: RunLengthMask? = nil) -> RegionAnswer {
    RegionAnswer(
      text: "", regions: boxes.enumerated().map { Region(box: $1, mask: mask, phrase: "", trigger: $0) })
  }

  @Test func captionsScoreAsElsewhere() {
    var cider = CIDErD()
    for caption in fixture.captions { cider.add(caption.answer, references: caption.references) }
    #expect(fixture.captions.count == 9 && cider.scores.count == 9)
    for (score, caption) in zip(cider.scores, fixture.captions) {
      #expect(abs(score - caption.cider) < 1e-9, "\(caption.answer)")
      let meteor = ExactMETEOR.score(caption.answer, references: caption.references)
      #expect(abs(meteor - caption.meteor) < 1e-12, "\(caption.answer)")
    }
    #expect(CIDErD().score == nil && ExactMETEOR.score("a cup", references: []) == 0)
  }

  @Test func describingCountsAllOfIt() throws {
    var evaluation = DescribingEvaluation()
    for caption in fixture.captions {
      evaluation.add(Self.sample(references: caption.references), RegionAnswer(text: caption.answer))
    }
    #expect(evaluation.asked == 9 && evaluation.exact == 2 && evaluation.unparsed == 1)
    let mean = fixture.captions.map(\.cider).reduce(0, +) / 9
    #expect(abs((evaluation.meanCIDErD ?? .nan) - mean) < 1e-9)
    #expect(evaluation.exactMatch == 2.0 / 9)
    let report = try AnswerEvaluationTests.json(evaluation)
    #expect(Set(report.keys) == ["asked", "exact_match", "cider_d", "meteor_exact", "unparsed"])
  }

  @Test func boxesOverlapAsTheirCellsDo() throws {
    for pair in fixture.boxes {
      let overlap = Self.box(pair.a).intersectionOverUnion(Self.box(pair.b))
      #expect(abs(overlap - pair.iou) < 1e-12)
    }
    var evaluation = LocatingEvaluation()
    for pair in fixture.boxes {
      evaluation.add(Self.sample(boxes: [Self.box(pair.a)]), Self.answer([Self.box(pair.b)]))
    }
    let hits = fixture.boxes.count { $0.iou > 0.5 }
    #expect(evaluation.asked == 40 && evaluation.hits == hits && hits > 0)
    let mean = fixture.boxes.map { $0.iou }.reduce(0, +) / 40
    #expect(abs((evaluation.meanOverlap ?? .nan) - mean) < 1e-12)
  }

  /// Each place is found once, by the best; an answer without a region finds none and is counted.
  @Test func severalPlaces() throws {
    let (left, right) = (Self.box([0, 0, 10, 10]), Self.box([20, 0, 30, 10]))
    var evaluation = LocatingEvaluation()
    // The first region fits both the worse; the second is the right one of the left place.
    evaluation.add(
      Self.sample(boxes: [left, right]),
      Self.answer([Self.box([0, 0, 10, 8]), left, Self.box([20, 0, 30, 6])]))
    #expect(evaluation.asked == 1 && evaluation.places == 2 && evaluation.hits == 2 && evaluation.surplus == 1)
    #expect(abs((evaluation.meanOverlap ?? .nan) - 0.8) < 1e-12)
    evaluation.add(Self.sample(boxes: [left, right]), Self.answer([]))
    #expect(evaluation.unparsed == 1 && evaluation.accuracy == 0.5)
    // An overlap of just one half is none.
    evaluation.add(Self.sample(boxes: [left]), Self.answer([Self.box([0, 0, 10, 5])]))
    #expect(evaluation.hits == 2 && evaluation.places == 5)
    #expect(
      LocatingEvaluation.table([("heads", evaluation), ("as shipped", LocatingEvaluation())]) == """
                    asked  places  accuracy at 0.5  mean IoU  unparsed  surplus
        heads           3       5             40.0      42.0         1        1
        as shipped      0       0                –         –         0        0
        """)
    #expect(LocatingEvaluation().accuracy == nil && LocatingEvaluation().meanOverlap == nil)
  }

  @Test func masksOverlapAsBitmapsDo() throws {
    let (height, width) = (fixture.masks.size[0], fixture.masks.size[1])
    var evaluation = SegmentingEvaluation()
    for pair in fixture.masks.pairs {
      let masks = try pair.map { try RunLengthMask(width: width, height: height, cocoText: $0) }
      evaluation.add(Self.sample(mask: masks[0]), Self.answer([Self.box([0, 0, 1, 1])], mask: masks[1]))
    }
    #expect(abs((evaluation.cumulativeOverlap ?? .nan) - fixture.masks.cumulative) < 1e-12)
    #expect(abs((evaluation.meanOverlap ?? .nan) - fixture.masks.mean) < 1e-12)
    #expect(abs((evaluation.precision ?? .nan) - fixture.masks.precision) < 1e-12)
  }

  @Test func answersWithoutAMask() throws {
    let truth = try RunLengthMask(width: 4, height: 4, runs: [0, 8, 8])
    var evaluation = SegmentingEvaluation()
    evaluation.add(Self.sample(mask: truth), Self.answer([Self.box([0, 0, 4, 4])], mask: truth))
    evaluation.add(Self.sample(mask: truth), Self.answer([Self.box([0, 0, 4, 4])]))
    // Of another picture's size: no mask either.
    evaluation.add(
      Self.sample(mask: truth),
      Self.answer([Self.box([0, 0, 4, 4])], mask: try RunLengthMask(width: 2, height: 2, runs: [0, 4])))
    #expect(evaluation.asked == 3 && evaluation.unparsed == 2 && evaluation.hits == 1)
    #expect(evaluation.cumulativeOverlap == 1.0 / 3 && evaluation.meanOverlap == 1.0 / 3)
    // Two halves are one whole.
    let halves = try [[0, 4, 12], [4, 4, 8]].map { try RunLengthMask(width: 4, height: 4, runs: $0) }
    var whole = SegmentingEvaluation()
    whole.add(
      Self.sample(mask: truth),
      RegionAnswer(
        text: "",
        regions: halves.map { Region(box: Self.box([0, 0, 4, 4]), mask: $0, phrase: "", trigger: 0) }))
    #expect(whole.cumulativeOverlap == 1)
  }
}
