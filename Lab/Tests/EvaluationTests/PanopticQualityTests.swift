import CrayonCore
import Crypto
import Evaluation
import Foundation
import TestSupport
import Testing

/// Panoptic quality against panopticapi's own numbers. Fixtures: Tests/Reference/panoptic_quality.py.
@Suite struct PanopticQualityTests {
  struct Expected: Decodable {
    struct Group: Decodable {
      var pq: Double
      var sq: Double
      var rq: Double
      var n: Int
    }
    struct Class: Decodable {
      var pq: Double
      var sq: Double
      var rq: Double
      var tp: Int
      var fp: Int
      var fn: Int
      var iou: Double
    }
    var all: Group
    var things: Group
    var stuff: Group
    var classes: [String: Class]
    var sha256: String?
  }

  static let folder = Fixtures.folder.appendingPathComponent("Evaluation")

  static func expected(_ name: String) throws -> Expected {
    let data = try Data(contentsOf: folder.appendingPathComponent("expected.json"))
    return try #require(try JSONDecoder().decode([String: Expected].self, from: data)[name])
  }

  static func side(_ name: String) -> PanopticEvaluation.Side {
    let folder = folder.appendingPathComponent("tiny/\(name)")
    return .init(
      json: folder.appendingPathComponent("panoptic.json"), folder: folder.appendingPathComponent("maps"))
  }

  static func expect(_ quality: PanopticQuality, _ categories: CategoryTable, equals expected: Expected) {
    func group(_ score: PanopticQuality.Score, _ expected: Expected.Group) {
      #expect(abs((score.pq ?? -1) - expected.pq) < 1e-9)
      #expect(abs((score.sq ?? -1) - expected.sq) < 1e-9)
      #expect(abs((score.rq ?? -1) - expected.rq) < 1e-9)
      #expect(score.classes == expected.n)
    }
    group(quality.score(of: categories.categories), expected.all)
    group(quality.score(of: categories.categories.filter(\.isThing)), expected.things)
    group(quality.score(of: categories.categories.filter { !$0.isThing }), expected.stuff)
    let counted = quality.counts.filter { $0.value.quality != nil }
    #expect(Set(counted.keys.map(String.init)) == Set(expected.classes.keys))
    for (id, counts) in counted {
      guard let expected = expected.classes[String(id)], let score = counts.quality else { continue }
      #expect(counts.truePositives == expected.tp, "class \(id)")
      #expect(counts.falsePositives == expected.fp, "class \(id)")
      #expect(counts.falseNegatives == expected.fn, "class \(id)")
      #expect(abs(counts.intersectionOverUnion - expected.iou) < 1e-9, "class \(id)")
      #expect(abs(score.pq - expected.pq) < 1e-9, "class \(id)")
    }
  }

  @Test func drawnMapsWithVoidAndCrowdsScoreAsInPanopticapi() throws {
    let evaluation = try PanopticEvaluation(
      groundTruth: Self.side("truth"), predictions: Self.side("prediction"))
    #expect(evaluation.quality.pictures == 4)
    Self.expect(evaluation.quality, evaluation.categories, equals: try Self.expected("tiny"))
  }

  @Test(.enabled(if: Photographs.areThere, "the photographs are not there (CRAYON_COCO_MINI)"))
  func damagedMapsOfPhotographsScoreAsInPanopticapi() throws {
    let expected = try Self.expected("photographs")
    let dataset = try COCOPanoptic(
      readingJSON: Photographs.folder.appendingPathComponent("panoptic.json"))
    let categories = try dataset.categoryTable()
    var quality = PanopticQuality()
    var digest = SHA256()
    for annotation in dataset.annotations {
      let truth = try PanopticMap(
        annotation, in: Photographs.folder.appendingPathComponent("panoptic"), categories: categories)
      guard case .number(let id) = annotation.image_id else { continue }
      let prediction = try MapDamage.damage(truth, categories: categories, seed: UInt64(id))
      prediction.ids.withUnsafeBytes { digest.update(bufferPointer: $0) }
      quality += PanopticQuality(
        truth: truth, prediction: prediction,
        truthOrder: annotation.segments_info.map { Int32($0.id) })
    }
    // The damage is the same as there, or comparing scores would say nothing.
    let hexadecimal = digest.finalize().map { String(format: "%02x", $0) }.joined()
    #expect(hexadecimal == expected.sha256)
    #expect(quality.pictures == 100)
    Self.expect(quality, categories, equals: expected)
  }

  @Test func aPerfectPredictionScoresOneAndNothingScoresNothing() throws {
    // The predicted maps: without crowds, of which panopticapi excuses only one a class.
    let truth = try PanopticEvaluation(
      groundTruth: Self.side("prediction"), predictions: Self.side("prediction"))
    let all = truth.quality.score(of: truth.categories.categories)
    #expect(all.pq == 1 && all.sq == 1 && all.rq == 1)
    let none = PanopticQuality().score(of: truth.categories.categories)
    #expect(none.pq == nil && none.sq == nil && none.rq == nil && none.classes == 0)
  }

  @Test func aMissingPredictionIsNamed() throws {
    let folder = try TemporaryFolder()
    var dataset = try COCOPanoptic(readingJSON: Self.side("prediction").json)
    dataset.annotations.removeAll { $0.image_id == .number(4) }
    dataset.images.removeAll { $0.id == .number(4) }
    try JSONEncoder().encode(dataset).write(to: folder.file("p.json"))
    #expect(throws: EvaluationError.noPrediction(image: "4")) {
      try PanopticEvaluation(
        groundTruth: Self.side("truth"),
        predictions: .init(json: folder.file("p.json"), folder: Self.side("prediction").folder))
    }
  }
}
