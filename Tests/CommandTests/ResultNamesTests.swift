import Foundation
import Testing

@testable import Annotation

/// What pictures and their files are called in the results.
@Suite struct ResultNamesTests {
  /// Paths, each with the name by which the picture was found; and what comes out: name and file.
  static func named(_ entries: [(path: String, name: String)]) -> [[String]] {
    ResultNames.distinct(entries.map { ResultNames.Entry(path: $0.path, name: $0.name) }).map {
      [$0.name, $0.file]
    }
  }

  struct Case: Sendable {
    var entries: [(path: String, name: String)]
    var named: [[String]]
  }

  @Test(arguments: [
    Case(entries: [], named: []),
    Case(entries: [("/p/x.png", "x.png")], named: [["x.png", "x"]]),
    Case(
      entries: [("/p/a/x.png", "a/x.png"), ("/p/x.png", "x.png")],
      named: [["a/x.png", "a/x"], ["x.png", "x"]]),
    Case(
      entries: [("/a/x.png", "x.png"), ("/b/x.png", "x.png")],
      named: [["a/x.png", "a/x"], ["b/x.png", "b/x"]]),
    Case(
      entries: [("/q/a/x.png", "x.png"), ("/r/a/x.png", "x.png")],
      named: [["q/a/x.png", "q/a/x"], ["r/a/x.png", "r/a/x"]]),
    // The longer name of one is the name of another.
    Case(
      entries: [("/q/a/x.png", "x.png"), ("/q/b/x.png", "x.png"), ("/r/a/x.png", "a/x.png")],
      named: [["q/a/x.png", "q/a/x"], ["b/x.png", "b/x"], ["r/a/x.png", "r/a/x"]]),
    Case(
      entries: [("/x.png", "x.png"), ("/a/x.png", "x.png")], named: [["x.png", "x"], ["a/x.png", "a/x"]]),
    Case(
      entries: [("/p/i.jpg", "i.jpg"), ("/p/i.png", "i.png")],
      named: [["i.jpg", "i.jpg"], ["i.png", "i.png"]]),
    Case(
      entries: [("/p/i.jpg", "i.jpg"), ("/p/i.png", "i.png"), ("/p/i.jpg.tif", "i.jpg.tif")],
      named: [["i.jpg", "i.jpg"], ["i.png", "i.png"], ["i.jpg.tif", "i.jpg.tif"]]),
    Case(
      entries: [("/p/a.b.png", "a.b.png"), ("/p/a.png", "a.png")],
      named: [["a.b.png", "a.b"], ["a.png", "a"]]),
    Case(
      entries: [("/p/none", "none"), ("/p/none.png", "none.png")],
      named: [["none", "none"], ["none.png", "none.png"]]),
  ])
  func names(c: Case) {
    #expect(Self.named(c.entries) == c.named)
    // The order makes no difference.
    #expect(Self.named(c.entries.reversed()) == c.named.reversed())
  }

  /// Whatever comes, no two share a name or a file, and all keep their endings.
  @Test func anyNames() {
    var state: UInt64 = 7
    func number(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<500 {
      var entries: [String: ResultNames.Entry] = [:]
      for _ in 0..<number(below: 12) {
        let folders = (0..<number(below: 4)).map { _ in ["a", "b"][number(below: 2)] }
        let file = ["x", "y", "x.jpg"][number(below: 3)] + [".png", ".jpg", ""][number(below: 3)]
        let path = "/" + (folders + [file]).joined(separator: "/")
        let kept = number(below: folders.count + 1)
        entries[path] = ResultNames.Entry(
          path: path, name: (folders.suffix(kept) + [file]).joined(separator: "/"))
      }
      let named = ResultNames.distinct(entries.values.sorted { $0.path < $1.path })
      #expect(Set(named.map(\.name)).count == named.count && Set(named.map(\.file)).count == named.count)
      #expect(named.allSatisfy { $0.path.hasSuffix("/" + $0.name) && $0.name.hasPrefix($0.file) })
    }
  }
}
