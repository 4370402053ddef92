import CrayonCore
import Foundation
import Testing

/// Which annotation belongs to which picture and map: whole names, and image_id before names.
@Suite struct AnnotationIndexTests {
  /// Pairs of a picture, or "" where the dataset lists none, and its map.
  static func index(_ pairs: [(picture: String, map: String)]) -> AnnotationIndex {
    AnnotationIndex(
      COCOPanoptic(
        images: pairs.enumerated().filter { !$1.picture.isEmpty }.map {
          COCOPanoptic.Image(id: .number($0), file_name: $1.picture, width: 0, height: 0)
        },
        annotations: pairs.enumerated().map {
          COCOPanoptic.Annotation(image_id: .number($0), file_name: $1.map, segments_info: [])
        }, categories: []),
      file: URL(fileURLWithPath: "/d.json"))
  }

  struct Case: Sendable {
    var pairs: [(picture: String, map: String)]
    var path: String
    var least = 1
    /// The map, or nil where there is none.
    var map: String?
  }

  @Test(arguments: [
    Case(pairs: [("a.jpg", "a.png")], path: "/p/a.jpg", map: "a.png"),
    Case(pairs: [("u_left.png", "u_pan.png")], path: "/p/u_left.png", map: "u_pan.png"),
    Case(pairs: [("", "a.png")], path: "/p/a.jpg", map: "a.png"),
    Case(pairs: [("", "a/x.png"), ("", "b/x.png")], path: "/p/b/x.jpg", map: "b/x.png"),
    Case(pairs: [("", "a/x.png"), ("", "b/x.png")], path: "/p/c/x.jpg", map: nil),
    Case(pairs: [("", "a/x.png"), ("", "x.png")], path: "/p/a/x.jpg", map: "a/x.png"),
    Case(pairs: [("", "a/x.png"), ("", "x.png")], path: "/p/b/x.jpg", map: "x.png"),
    // As a run over folders asks: a name without the folder is no other folder's.
    Case(pairs: [("", "x.png")], path: "/p/b/x.jpg", least: 2, map: nil),
    Case(pairs: [("b/x.jpg", "1.png"), ("x.jpg", "2.png")], path: "/p/b/x.jpg", least: 2, map: "1.png"),
    Case(pairs: [("x.jpg", "other.png"), ("", "x.png")], path: "/p/x.jpg", map: "other.png"),
    Case(pairs: [("./x.jpg", "1.png")], path: "/p/x.jpg", map: "1.png"),
    Case(pairs: [("xx.jpg", "xx.png")], path: "/p/x.jpg", map: nil),
    Case(pairs: [("x.jpg", "1.png")], path: "/p/xx.jpg", map: nil),
    Case(pairs: [("x.jpeg", "1.png")], path: "/p/x.jpg", map: nil),
    Case(pairs: [("", "x.tar.png")], path: "/p/x.jpg", map: nil),
    Case(pairs: [("", "x.tar.png")], path: "/p/x.tar.jpg", map: "x.tar.png"),
    // The same to the eye, composed and decomposed.
    Case(pairs: [("caf\u{E9}.jpg", "1.png")], path: "/p/cafe\u{301}.jpg", map: "1.png"),
    Case(pairs: [], path: "/p/x.jpg", map: nil),
    // The map is that of a picture that is listed.
    Case(pairs: [("x.jpg", "x.png")], path: "/q/x.png", map: nil),
  ])
  func pictures(c: Case) throws {
    let index = Self.index(c.pairs)
    guard let map = c.map else {
      #expect(throws: COCOPanopticError.self) { try index.annotation(ofPicture: c.path, least: c.least) }
      return
    }
    #expect(try index.annotation(ofPicture: c.path, least: c.least).file_name == map)
  }

  @Test(
    arguments: [
      (["a/x.png", "b/x.png"], "/m/b/x.png", "b/x.png"), (["a/x.png", "b/x.png"], "/m/c/x.png", nil),
      (["x.png"], "/m/b/x.png", "x.png"), (["a/x.png"], "/m/x.png", nil),
      (["x.png", "a/x.png"], "/a/x.png", "a/x.png"),
    ] as [([String], String, String?)])
  func maps(listed: [String], path: String, map: String?) throws {
    let index = Self.index(listed.map { ("", $0) })
    #expect(try index.annotation(ofMap: path)?.file_name == map)
  }

  @Test func twoForOneAreRefused() {
    let index = Self.index([("x.jpg", "1.png"), ("x.jpg", "2.png"), ("", "y.png"), ("", "y.png")])
    #expect(throws: COCOPanopticError.severalAnnotations(file: "/d.json", name: "x.jpg")) {
      try index.annotation(ofPicture: "/p/x.jpg", least: 1)
    }
    #expect(throws: COCOPanopticError.severalAnnotations(file: "/d.json", name: "y.png")) {
      try index.annotation(ofMap: "y.png")
    }
  }
}
