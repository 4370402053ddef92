import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

/// The COCO panoptic format: files that another program wrote, and files that are wrong.
@Suite struct COCOPanopticTests {
  static let truth = Fixtures.folder.appendingPathComponent("Evaluation/tiny/truth")

  @Test func readsWhatPanopticapiWrote() throws {
    let dataset = try COCOPanoptic(readingJSON: Self.truth.appendingPathComponent("panoptic.json"))
    let categories = try dataset.categoryTable()
    #expect(categories.categories.count == 133)
    for annotation in dataset.annotations {
      let map = try PanopticMap(
        annotation, in: Self.truth.appendingPathComponent("maps"), categories: categories)
      // Areas are checked by reading; boxes here.
      for info in annotation.segments_info {
        let segment = try #require(map.segments.first { $0.id == info.id })
        #expect(segment.box.cocoXYWH == info.bbox)
        #expect(segment.isCrowd == info.iscrowd)
      }
      #expect(map.segments.count == annotation.segments_info.count)
    }
  }

  @Test(.enabled(if: Photographs.areThere, "the photographs are not there (CRAYON_COCO_MINI)"))
  func readsTheMapsOfPhotographs() throws {
    let dataset = try COCOPanoptic(
      readingJSON: Photographs.folder.appendingPathComponent("panoptic.json"))
    let categories = try dataset.categoryTable()
    #expect(categories == .coco)
    for annotation in dataset.annotations {
      let map = try PanopticMap(
        annotation, in: Photographs.folder.appendingPathComponent("panoptic"), categories: categories)
      #expect(map.segments.count == annotation.segments_info.count)
    }
  }

  @Test func numbersMayBeFractionsAndFlagsBooleans() throws {
    let folder = try TemporaryFolder()
    let json = """
      {"annotations": [{"image_id": "a", "file_name": "a.png", "extra": [1], "segments_info": [
        {"id": 5, "category_id": 1, "area": 1.0, "bbox": [0.0, 0.0, 1.0, 1.0], "iscrowd": true}]}],
       "categories": [{"id": 1, "name": "person", "isthing": true, "color": [1, 2, 3]}]}
      """
    try Data(json.utf8).write(to: folder.file("a.json"))
    let dataset = try COCOPanoptic(readingJSON: folder.file("a.json"))
    let info = dataset.annotations[0].segments_info[0]
    #expect(info.area == 1 && info.bbox == [0, 0, 1, 1] && info.iscrowd)
    #expect(dataset.annotations[0].image_id == .name("a"))
  }

  /// One pixel with id 5, and a list of segments.
  static func message(_ json: String?, png: PNG.Pixels = .init(width: 1, height: 1, ids: [5])) throws -> String
  {
    let folder = try TemporaryFolder()
    try PNG.encode(png, as: .map).write(to: folder.file("m.png"))
    if let json { try Data(json.utf8).write(to: folder.file("m.json")) }
    do {
      _ = try PanopticMap(readingPNG: folder.file("m.png"))
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.url.path, with: "DIR")
    }
  }

  static func list(_ segments: String) -> String {
    #"{"segments_info": [\#(segments)], "categories": [{"id": 1, "name": "person", "isthing": 1}]}"#
  }

  static let one = #"{"id": 5, "category_id": 1, "area": 1, "iscrowd": 0}"#

  @Test(arguments: [
    (list(one), "accepted"),
    (list(""), "DIR/m.png: pixels carry the id 5, but no segment with that id is listed"),
    (
      list(one + #", {"id": 6, "category_id": 1}"#),
      "DIR/m.png: segment 6 is listed, but no pixel carries its id"
    ),
    (list(one + ", " + one), "DIR/m.png: segment 5 is listed twice"),
    (
      list(#"{"id": 5, "category_id": 2}"#),
      "DIR/m.png: segment 5 has the category 2, which is not among the categories"
    ),
    (
      list(#"{"id": 5, "category_id": 1, "area": 9}"#),
      "DIR/m.png: segment 5 is listed with 9 pixels, but has 1"
    ),
    (
      list(#"{"id": 0, "category_id": 1}"#),
      "DIR/m.png: 0 cannot be a segment's id; ids are from 1 to 16777215"
    ),
    (
      list(#"{"category_id": 1}"#),
      "DIR/m.json lacks the key \"segments_info.[0].id\" of the COCO panoptic format"
    ),
    (
      list(#"{"id": "5", "category_id": 1}"#),
      "DIR/m.json: the value of \"segments_info.[0].id\" has the wrong type"
    ),
    ("{\"segments_info\": [", "DIR/m.json cannot be read: it is not JSON"),
    (String(repeating: "[", count: 100_000), "DIR/m.json cannot be read: it is not JSON"),
    (#"{"annotations": [], "categories": []}"#, "DIR/m.json has no annotation for the map m.png"),
  ])
  func listsThatDoNotFit(json: String, sentence: String) throws {
    #expect(try Self.message(json) == sentence)
  }

  /// What is often where a dataset should be, is called by its name.
  @Test(arguments: [
    (#"{"categories": [], "annotations": [], "score": NaN}"#, "it holds NaN, which JSON has no way to say"),
    (#"{"area": Infinity}"#, "it holds Infinity, which JSON has no way to say"),
    (#"{"area": -Infinity}"#, "it holds Infinity, which JSON has no way to say"),
    (#"{"name": "NaN", "area": 1"#, "it is not JSON"),
    (#"{"name": "a \" NaN", "area": 1"#, "it is not JSON"),
    ("", "it is empty"), (" \n", "it is empty"),
    (
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
      "it is a pointer of Git LFS and not the file itself, which git lfs pull fetches"
    ),
    (
      "<!DOCTYPE html><html></html>",
      "it is a page of HTML and not JSON; where it was fetched from may want a login"
    ),
    ("\u{feff}", "it is empty"),
    (
      "\u{feff}\r\n<!doctype html>",
      "it is a page of HTML and not JSON; where it was fetched from may want a login"
    ),
    (#"<?xml version="1.0"?><annotation><object/></annotation>"#, "it is XML and not JSON"),
    ("[]", "it is not an object with keys"), ("null", "it is not an object with keys"),
    ("\n <html>", "it is a page of HTML and not JSON; where it was fetched from may want a login"),
    ("annotations: []", "it is not JSON"),
  ])
  func whatIsNoJSON(text: String, reason: String) throws {
    #expect(try Self.message(text) == "DIR/m.json cannot be read: \(reason)")
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.file("d.json"))
    #expect(throws: COCOPanopticError.unreadable(file: folder.file("d.json").path, reason: reason)) {
      try COCOPanoptic(readingJSON: folder.file("d.json"))
    }
  }

  /// A picture may be listed twice, as in datasets that were put together; two may not have one id.
  @Test(arguments: [("a.jpg", nil), ("b.jpg", "DIR/d.json: two pictures have one id, 1: a.jpg and b.jpg")])
  func picturesOfOneID(name: String, refusal: String?) throws {
    let folder = try TemporaryFolder()
    let images = ["a.jpg", name].map { "{\"id\": 1, \"file_name\": \"\($0)\"}" }.joined(separator: ", ")
    try Data("{\"images\": [\(images)], \"annotations\": [], \"categories\": []}".utf8).write(
      to: folder.file("d.json"))
    do {
      #expect(try COCOPanoptic(readingJSON: folder.file("d.json")).images.count == 2 && refusal == nil)
    } catch {
      #expect("\(error)".replacingOccurrences(of: folder.url.path, with: "DIR") == refusal)
    }
  }

  @Test func categoriesThatAreNone() throws {
    let json =
      #"{"segments_info": [], "categories": [{"id": 1, "name": "a", "isthing": 1}, {"id": 1, "name": "b", "isthing": 1}]}"#
    #expect(try Self.message(json) == "DIR/m.json: two categories have the id 1")
  }

  @Test func aMapWithoutAList() throws {
    #expect(
      try Self.message(nil)
        == "the map DIR/m.png has no JSON beside it; its segments are listed in a file of the same name that "
        + "ends in .json, or in a dataset file")
  }

  @Test func greyAndDamagedMapsAreExplained() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: Fixtures.folder.appendingPathComponent("1-Imaging/grey.png"), to: folder.file("m.png"))
    try Data(Self.list(Self.one).utf8).write(to: folder.file("m.json"))
    #expect {
      try PanopticMap(readingPNG: folder.file("m.png"))
    } throws: {
      "\($0)".hasSuffix("the PNG has grey samples; segment ids need 8-bit RGB (id = R + 256·G + 65536·B)")
    }
    try Data("nonsense".utf8).write(to: folder.file("m.png"))
    #expect {
      try PanopticMap(readingPNG: folder.file("m.png"))
    } throws: {
      "\($0)".hasSuffix("cannot be read: the PNG cannot be read: it is not a PNG file")
    }
  }
}
