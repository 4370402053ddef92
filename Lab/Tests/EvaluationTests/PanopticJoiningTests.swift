import CrayonCore
import Evaluation
import Foundation
import PNGFiles
import TestSupport
import Testing

/// How the two sides of a comparison are put together: pictures by image_id, categories by name.
@Suite struct PanopticJoiningTests {
  /// The two halves of a picture, each a segment; and what the file says of them.
  struct Side {
    var images: String?
    var annotations: String
    var categories: String?
    var ids: (left: Int32, right: Int32) = (1, 2)
    var size = (width: 8, height: 4)
    var maps = ["1.png"]

    func write(_ name: String, to folder: borrowing TemporaryFolder) throws -> PanopticEvaluation.Side {
      let maps = folder.file(name)
      try FileManager.default.createDirectory(at: maps, withIntermediateDirectories: true)
      let pixels = (0..<size.width * size.height).map {
        $0 % size.width < size.width / 2 ? ids.left : ids.right
      }
      let png = try PNG.encode(PNG.Pixels(width: size.width, height: size.height, ids: pixels), as: .map)
      for map in self.maps { try png.write(to: maps.appendingPathComponent(map)) }
      let fields = [images.map { "\"images\": [\($0)]" }, "\"annotations\": [\(annotations)]"]
      let all = fields + [categories.map { "\"categories\": [\($0)]" }]
      try Data("{\(all.compactMap(\.self).joined(separator: ", "))}".utf8).write(
        to: folder.file(name + ".json"))
      return .init(json: folder.file(name + ".json"), folder: maps)
    }
  }

  static func annotation(
    _ id: String, _ map: String, _ segments: [(id: Int, category: Int)] = [(1, 1), (2, 2)]
  ) -> String {
    let list = segments.map { "{\"id\": \($0.id), \"category_id\": \($0.category)}" }.joined(separator: ", ")
    return "{\"image_id\": \(id), \"file_name\": \"\(map)\", \"segments_info\": [\(list)]}"
  }

  static func category(_ id: Int, _ name: String) -> String {
    "{\"id\": \(id), \"name\": \"\(name)\", \"isthing\": 1}"
  }

  static let ab = [category(1, "a"), category(2, "b")].joined(separator: ", ")

  static let truth = Side(
    images: #"{"id": 1, "file_name": "1.jpg", "width": 8, "height": 4}"#, annotations: annotation("1", "1.png"),
    categories: ab)

  static func quality(_ prediction: Side, of truth: Side = truth) throws -> Double? {
    let folder = try TemporaryFolder()
    let evaluation = try PanopticEvaluation(
      groundTruth: truth.write("t", to: folder), predictions: prediction.write("p", to: folder))
    return evaluation.quality.score(of: evaluation.categories.categories).pq
  }

  static func refusal(_ prediction: Side, of truth: Side = truth) -> String? {
    do {
      _ = try quality(prediction, of: truth)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func aFileOfPredictionsNeedsNoCategories() throws {
    #expect(try Self.quality(Side(annotations: Self.annotation("1", "1.png"))) == 1)
    let swapped = Self.annotation("1", "1.png", [(1, 2), (2, 1)])
    #expect(try Self.quality(Side(annotations: swapped)) == 0)
  }

  @Test func categoriesAreJoinedByTheirNames() throws {
    let categories = [Self.category(9, "a"), Self.category(1, "b"), Self.category(3, "never used")]
      .joined(separator: ", ")
    let annotation = Self.annotation("1", "1.png", [(1, 9), (2, 1)])
    #expect(try Self.quality(Side(annotations: annotation, categories: categories)) == 1)
  }

  @Test func aCategoryThatTheTruthLacksIsRefused() {
    let categories = [Self.category(1, "television"), Self.category(2, "b")].joined(separator: ", ")
    let refusal = Self.refusal(Side(annotations: Self.annotation("1", "1.png"), categories: categories))
    #expect(
      refusal?.contains("segments of the category \"television\", which the ground truth does not know") == true
    )
    let unknown = Self.refusal(
      Side(annotations: Self.annotation("1", "1.png", [(1, 1), (2, 7)]), categories: Self.ab))
    #expect(unknown?.contains("segments of the category 7") == true)
    #expect(
      Self.refusal(Side(annotations: Self.annotation("1", "1.png", [(1, 1), (2, 7)])))?.contains("category 7")
        == true)
  }

  /// Things that predictions may get wrong, as in panopticapi.
  @Test func whatPanopticapiDoesNotReadMayBeAnything() throws {
    let segments =
      #"{"id": 1, "category_id": 1, "area": 999, "bbox": [], "isthing": 1}, {"id": 2, "category_id": 2}"#
    let annotation = #"{"image_id": 1, "file_name": "1.png", "segments_info": [\#(segments)]}"#
    #expect(try Self.quality(Side(images: #"{"name": "?"}"#, annotations: annotation)) == 1)
  }

  /// However pictures and maps are named.
  @Test(arguments: ["1.jpg", "x/1_leftImg8bit.png", "other.png", ""])
  func theIDDecides(name: String) throws {
    let images = name.isEmpty ? nil : "{\"id\": 1, \"file_name\": \"\(name)\", \"width\": 8, \"height\": 4}"
    let prediction = Side(images: images, annotations: Self.annotation("1", "map.png"), maps: ["map.png"])
    #expect(try Self.quality(prediction) == 1)
  }

  @Test func aTextIsAnIDToo() throws {
    let truth = Side(annotations: Self.annotation("\"ulm_7\"", "a.png"), categories: Self.ab, maps: ["a.png"])
    #expect(
      try Self.quality(Side(annotations: Self.annotation("\"ulm_7\"", "b.png"), maps: ["b.png"]), of: truth)
        == 1)
    let refusal = Self.refusal(
      Side(annotations: Self.annotation("\"ulm_8\"", "b.png"), maps: ["b.png"]), of: truth)
    #expect(refusal == "image ulm_7 has no prediction")
  }

  /// A truth that cannot be its picture's is nobody's mistake but its own.
  @Test func aTruthOfAnotherSizeIsCalledSo() {
    var truth = Self.truth
    truth.images = #"{"id": 1, "file_name": "1.jpg", "width": 9, "height": 4}"#
    #expect(
      Self.refusal(Side(annotations: Self.annotation("1", "1.png")), of: truth)
        == "image 1: the truth does not fit its picture: its map has 8×4 pixels, and the picture is listed with 9×4"
    )
    let other = Side(annotations: Self.annotation("1", "1.png"), size: (4, 4))
    #expect(Self.refusal(other) == "image 1: the prediction has 4×4 pixels, the ground truth 8×4")
  }

  /// A picture of which the truth has no map is compared with nothing, and is named.
  @Test func aPictureWithoutAMapIsNamed() throws {
    var truth = Self.truth
    truth.images = truth.images.map { $0 + #", {"id": 2, "file_name": "2.jpg", "width": 8, "height": 4}"# }
    let folder = try TemporaryFolder()
    let evaluation = try PanopticEvaluation(
      groundTruth: truth.write("t", to: folder),
      predictions: Side(annotations: Self.annotation("1", "1.png")).write("p", to: folder))
    #expect(evaluation.withoutTruth == ["2.jpg"] && evaluation.quality.pictures == 1)
    let whole = try PanopticEvaluation(
      groundTruth: Self.truth.write("w", to: folder),
      predictions: Side(annotations: Self.annotation("1", "1.png")).write("p", to: folder))
    #expect(whole.withoutTruth.isEmpty)
  }

  /// Two datasets that number the same pictures differently.
  @Test func namesHelpWhereIDsContradictThem() throws {
    func image(_ id: Int, _ name: String) -> String {
      "{\"id\": \(id), \"file_name\": \"\(name)\", \"width\": 8, \"height\": 4}"
    }
    func side(_ first: Int, _ second: Int) -> Side {
      Side(
        images: [image(first, "a.jpg"), image(second, "b.jpg")].joined(separator: ", "),
        annotations: [
          Self.annotation("\(first)", "a.png"), Self.annotation("\(second)", "b.png", [(1, 2), (2, 1)]),
        ].joined(separator: ", "), categories: Self.ab, maps: ["a.png", "b.png"])
    }
    let folder = try TemporaryFolder()
    let truth = try side(1, 2).write("t", to: folder)
    let turned = try PanopticEvaluation(groundTruth: truth, predictions: side(2, 1).write("p", to: folder))
    #expect(turned.matching == .fileName && turned.quality.score(of: turned.categories.categories).pq == 1)
    // Names contradict the ids, and do not help: no picture is scored against another one's truth.
    var other = side(2, 1)
    other.images = other.images?.replacingOccurrences(of: "b.jpg", with: "c.jpg")
    #expect(throws: EvaluationError.otherPictures(image: "2", truth: "b", prediction: "a")) {
      try PanopticEvaluation(groundTruth: truth, predictions: other.write("o", to: folder))
    }
    let same = try PanopticEvaluation(groundTruth: truth, predictions: side(1, 2).write("q", to: folder))
    #expect(same.matching == .imageID && same.quality.score(of: same.categories.categories).pq == 1)
  }
}
