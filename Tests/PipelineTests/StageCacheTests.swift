import CrayonCore
import Foundation
import Pipeline
import TestSupport
import Testing

/// What a stage made is made once, for as long as nothing that it depends on changes.
@Suite struct StageCacheTests {
  /// A map of one segment whose id tells it from others.
  static func map(_ id: Int32) throws -> PanopticMap {
    try PanopticMap(
      width: 40, height: 30, ids: Array(repeating: id, count: 1200),
      labels: [id: PanopticMap.Label(category: Category(id: 47, name: "cup", isThing: true))])
  }

  @Test func theSameDependenciesAreFoundAgain() throws {
    let folder = try TemporaryFolder()
    let cache = StageCache(folder: folder.url, limit: 1_000_000)
    var made = 0
    func value(_ parts: [String]) throws -> (PanopticMap, wasKnown: Bool) {
      try cache.value("panoptic", dependingOn: parts) {
        made += 1
        return try Self.map(Int32(made))
      }
    }
    let first = try value(["picture", "weights"])
    #expect(!first.wasKnown)
    let again = try value(["picture", "weights"])
    #expect(again.wasKnown && again.0 == first.0)
    // Parts do not run into each other.
    #expect(try !value(["picturew", "eights"]).wasKnown)
    #expect(try !value(["picture", "other weights"]).wasKnown)
    #expect(made == 3)
  }

  @Test func aDamagedEntryIsMadeAnew() throws {
    let folder = try TemporaryFolder()
    let cache = StageCache(folder: folder.url, limit: 1_000_000)
    _ = try cache.value("panoptic", dependingOn: ["a"]) { try Self.map(1) }
    let entry = try #require(FileManager.default.contentsOfDirectory(atPath: folder.url.path).first)
    try Data("not a picture".utf8).write(
      to: folder.url.appendingPathComponent(entry).appendingPathComponent("2-panoptic.png"))
    let second = try cache.value("panoptic", dependingOn: ["a"]) { try Self.map(2) }
    #expect(!second.wasKnown)
    let third = try cache.value("panoptic", dependingOn: ["a"]) { try Self.map(3) }
    #expect(third.wasKnown && third.0 == second.0)
  }

  @Test func whatWasNotUsedForLongestGoesFirst() throws {
    let folder = try TemporaryFolder()
    let roomy = StageCache(folder: folder.url, limit: 1_000_000)
    for (index, name) in ["a", "b", "c"].enumerated() {
      _ = try roomy.value("panoptic", dependingOn: [name]) { try Self.map(Int32(index + 1)) }
      Thread.sleep(forTimeInterval: 0.02)
    }
    #expect(try roomy.value("panoptic", dependingOn: ["a"]) { try Self.map(9) }.wasKnown)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    let size = try names.reduce(0) { sum, name in
      let entry = folder.url.appendingPathComponent(name)
      return try sum
        + FileManager.default.contentsOfDirectory(atPath: entry.path).reduce(0) {
          let path = entry.appendingPathComponent($1).path
          return try $0 + ((FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
        }
    }
    // Room for three of the four.
    let tight = StageCache(folder: folder.url, limit: size + 1)
    _ = try tight.value("panoptic", dependingOn: ["d"]) { try Self.map(4) }
    #expect(try tight.value("panoptic", dependingOn: ["a"]) { try Self.map(9) }.wasKnown)
    #expect(try tight.value("panoptic", dependingOn: ["d"]) { try Self.map(9) }.wasKnown)
    #expect(try !tight.value("panoptic", dependingOn: ["b"]) { try Self.map(9) }.wasKnown)
  }

  @Test func aCacheThatCannotBeWrittenIsNoError() throws {
    let cache = StageCache(folder: URL(fileURLWithPath: "/proc/nowhere"), limit: 1_000_000)
    let first = try cache.value("panoptic", dependingOn: ["a"]) { try Self.map(1) }
    #expect(!first.wasKnown && first.0.segments.count == 1)
  }
}
