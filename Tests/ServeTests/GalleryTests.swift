import Annotation
import CrayonCore
import Foundation
import Panoptic
import Serve
import TestSupport
import Testing

/// Corrections of an annotated folder: they are saved whole, and `annotate` keeps them.
struct GalleryTests {
  /// Two sample pictures, annotated with the maps that lie beside them.
  private static func annotate(into url: URL) throws -> AnnotationRun.Summary {
    let pictures = ["cups.png", "mugs.png"].map { ServerClient.samples.appendingPathComponent($0) }
    var found = try AnnotationInputs.find(pictures, recursive: false, excluding: url, isPicture: { _ in true })
    let maps = try GivenMaps(
      ServerClient.samples.appendingPathComponent("panoptic"),
      json: ServerClient.samples.appendingPathComponent("panoptic.json"))
    let source = MapSource.given(maps).prepared(for: found.pictures)
    let folder = try AnnotationFolder(opening: url)
    found.pictures = try folder.place(found.pictures).pictures
    let options = AnnotationRun.Options(jobs: 1, drawsOverlays: false, overwrites: false, isStrict: false)
    return try AnnotationRun(source: source, folder: folder, options: options)(
      found, isStopped: { false }, report: { _, _, _ in }
    ).summary
  }

  private static func with(
    _ url: URL, _ test: @Sendable (ServerClient) async throws -> Void
  ) async throws {
    var options = CrayonServer.Options()
    options.port = 0
    let server = CrayonServer(
      [], folder: try AnnotationFolder(annotatedAt: url), options: options, log: { _ in })
    await server.prepare()
    try await ServerClient.with(server, test)
    await server.finish()
  }

  private static func entry(_ name: String, _ client: ServerClient) async throws -> (
    id: String, map: [String: Any]
  ) {
    let page = try await client.send("/folder?name=\(name)").object
    let picture = try #require((page["pictures"] as? [[String: Any]])?.first)
    let id = try #require(picture["id"] as? String)
    return (id, try await client.send("/folder/\(id)/map").object)
  }

  private static func edit(
    _ map: [String: Any], _ change: (inout [[String: Any]]) -> Void
  ) throws -> [String: Any] {
    var segments = try #require(map["segments_info"] as? [[String: Any]])
    change(&segments)
    return [
      "width": map["width"] ?? 0, "height": map["height"] ?? 0, "runs": map["runs"] ?? [],
      "segments_info": segments, "categories": map["categories"] ?? [], "based_on": map["version"] ?? "",
    ]
  }

  private static func put(_ client: ServerClient, _ id: String, _ body: [String: Any]) async throws
    -> ServerClient.Reply
  {
    try await client.send(
      "/folder/\(id)/map", "PUT", headers: ["Content-Type": "application/json"],
      body: try JSONSerialization.data(withJSONObject: body))
  }

  @Test func picturesAreListedAndFiltered() async throws {
    let folder = try TemporaryFolder()
    _ = try Self.annotate(into: folder.url)
    try await Self.with(folder.url) { client in
      let all = try await client.send("/folder").object
      #expect(all["total"] as? Int == 2)
      let counts = try #require((all["pictures"] as? [[String: Any]])?.first?["counts"] as? [String: Int])
      let cups = counts["cup"] ?? 0
      #expect(cups > 1)
      let filtered = try await client.send("/folder?category=cup&at_least=\(cups)&at_most=\(cups)&name=cups")
        .object
      #expect(filtered["total"] as? Int == 1)
      #expect(try await client.send("/folder?category=cup&at_least=1000").object["total"] as? Int == 0)
      #expect(try await client.send("/folder?first=x").message == "first is a number from 0 to \(Int.max)")
      for (query, sentence) in [
        ("edited=maybe", "edited is true or false"), ("at_least=5&at_most=2", "at_most is less than at_least"),
      ] {
        #expect(try await client.send("/folder?\(query)").message == sentence)
      }
      // Behind a picture that the filter does not take any more.
      let pictures = try #require(all["pictures"] as? [[String: Any]])
      let (begin, end) = (pictures[0]["id"] as? String ?? "", pictures[1]["id"] as? String ?? "")
      let part = try await client.send("/folder?count=1").object
      #expect(part["more"] as? Bool == true)
      let rest = try await client.send("/folder?after=\(begin)&name=nothing").object
      #expect(rest["more"] as? Bool == false && (rest["pictures"] as? [Any])?.isEmpty == true)
      let second = try await client.send("/folder?after=\(begin)").object
      #expect((second["pictures"] as? [[String: Any]])?.map { $0["id"] as? String } == [end])
      #expect(try await client.send("/folder?after=0").status == 404)
      let (id, _) = try await Self.entry("cups", client)
      let picture = try await client.send("/folder/\(id)/picture").data
      let expected = try ServerClient.sample("cups.png")
      #expect(picture == expected)
      let thumbnail = try await client.send("/folder/\(id)/thumbnail")
      #expect(thumbnail.headers["content-type"] == "image/png")
      let tag = try #require(thumbnail.headers["etag"])
      for (known, status) in [(tag, 304), ("\"x\", W/\(tag)", 304), ("\"x\"", 200), ("", 200)] {
        let again = try await client.send("/folder/\(id)/thumbnail", headers: ["If-None-Match": known])
        #expect(again.status == status, "\(known)")
        #expect(again.headers["etag"] == tag && again.data.isEmpty == (status == 304), "\(known)")
      }
      for id in ["0", "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd"] {
        #expect(try await client.send("/folder/\(id)/picture").status == 404)
      }
    }
  }

  /// Another category leaves every pixel as it was, and is an edit all the same.
  @Test func aCorrectionIsKeptByAnnotate() async throws {
    let folder = try TemporaryFolder()
    _ = try Self.annotate(into: folder.url)
    try await Self.with(folder.url) { client in
      let (id, map) = try await Self.entry("cups", client)
      let categories = try #require(map["categories"] as? [[String: Any]])
      let pizza = try #require(categories.first { $0["name"] as? String == "pizza" }?["id"] as? Int)
      let body = try Self.edit(map) { $0[0]["category_id"] = pizza }
      let saved = try await Self.put(client, id, body)
      #expect(saved.status == 200, "\(saved.text.prefix(300))")
      #expect((saved.object["picture"] as? [String: Any])?["edited"] as? Bool == true)
      // Whoever opened it before must not overwrite this.
      let late = try await Self.put(client, id, body)
      #expect(late.status == 409)
      #expect(try await client.send("/folder?category=pizza").object["total"] as? Int == 1)
    }
    let summary = try Self.annotate(into: folder.url)
    #expect(summary.edited == 1)
    #expect(summary.kept == 1)
    let dataset = try COCOPanoptic(readingJSON: folder.file("panoptic.json"))
    let table = try dataset.categoryTable()
    let names = dataset.annotations.flatMap(\.segments_info).compactMap {
      table.category(id: $0.category_id)?.name
    }
    #expect(names.filter { $0 == "pizza" }.count == 1)
    let records = try FileManager.default.contentsOfDirectory(atPath: folder.file(".crayon").path)
    #expect(records.allSatisfy { !$0.hasSuffix(".edit") })
  }

  @Test func mapsThatDoNotFitAreRefused() async throws {
    let folder = try TemporaryFolder()
    _ = try Self.annotate(into: folder.url)
    let png = folder.file("panoptic/cups.png")
    try await Self.with(folder.url) { client in
      let (id, map) = try await Self.entry("cups", client)
      let before = try Data(contentsOf: png)
      var small = try Self.edit(map) { $0 = [] }
      (small["width"], small["height"], small["runs"]) = (1, 1, [0, 1])
      let other = try await Self.put(client, id, small)
      #expect(other.status == 400)
      #expect(other.message.contains("it has 1×1 pixels, and its picture"))
      let unlisted = try await Self.put(client, id, try Self.edit(map) { $0.removeFirst() })
      #expect(unlisted.status == 400)
      #expect(try Data(contentsOf: png) == before)
    }
  }

  /// What is wrong with the folder's files is the server's state; where they are on its disk is not for others.
  @Test func filesThatAreNotWholeAreNamedFromTheFolderOn() async throws {
    let folder = try TemporaryFolder()
    _ = try Self.annotate(into: folder.url)
    let (map, record) = (folder.file("panoptic/cups.png"), folder.file(".crayon/cups.json"))
    try await Self.with(folder.url) { client in
      let (id, stored) = try await Self.entry("cups", client)
      try FileManager.default.removeItem(at: map)
      let missing = try await client.send("/folder/\(id)/map")
      #expect(missing.status == 404)
      #expect(missing.message.hasPrefix("the folder lacks panoptic/cups.png"), "\(missing.message)")
      try Data("no map".utf8).write(to: map)
      let damaged = try await client.send("/folder/\(id)/map")
      #expect(damaged.status == 500)
      #expect(damaged.message.hasPrefix("panoptic/cups.png cannot be read: "), "\(damaged.message)")
      try Data("no record".utf8).write(to: record)
      for reply in [
        try await client.send("/folder/\(id)/map"), try await client.send("/folder/\(id)/thumbnail"),
        try await Self.put(client, id, try Self.edit(stored) { _ in }),
      ] {
        #expect(reply.status == 500)
        #expect(reply.message.hasPrefix(".crayon/cups.json is damaged"), "\(reply.message)")
      }
    }
  }

  /// A record that only the part of it that tells pictures apart can be read of is named, not left out in silence.
  @Test func aRecordThatIsNotWholeIsNamed() throws {
    let place = try TemporaryFolder()
    _ = try Self.annotate(into: place.url)
    let file = place.file(".crayon/cups.json")
    let record = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    var half = try #require(record as? [String: Any])
    half["segments_info"] = nil
    try JSONSerialization.data(withJSONObject: half).write(to: file)
    let (pictures, damaged) = try AnnotationFolder(annotatedAt: place.url).pictures()
    #expect(pictures.map(\.file) == ["mugs"])
    #expect(damaged.map(\.lastPathComponent) == ["cups.json"])
  }

  /// A program that is killed between two of the files of a save.
  @Test(arguments: [0, 1, 2]) func aSaveThatWasCutOffIsGoneOnWith(written: Int) throws {
    let place = try TemporaryFolder()
    _ = try Self.annotate(into: place.url)
    let folder = try AnnotationFolder(annotatedAt: place.url)
    let files = ["panoptic/cups.png", ".crayon/cups.json"].map { place.file($0) }
    let before = try files.map { try Data(contentsOf: $0) }
    let stored = try folder.annotatedMap(of: "cups")
    let first = try #require(stored.map.segments.first)
    let labels = stored.map.segments.dropFirst().map {
      ($0.id, PanopticMap.Label(category: $0.category, score: $0.score, isCrowd: $0.isCrowd))
    }
    let edited = try PanopticMap(
      width: stored.map.width, height: stored.map.height,
      ids: stored.map.ids.map { $0 == first.id ? PanopticMap.void : $0 },
      labels: Dictionary(uniqueKeysWithValues: labels))
    try folder.save(edited, of: "cups", basedOn: stored.version)
    // As it was when only the first of map and record had been written.
    for index in files.indices where index >= written { try before[index].write(to: files[index]) }
    let again = try AnnotationFolder(annotatedAt: place.url)
    #expect(try again.annotatedMap(of: "cups").map == edited)
    #expect(again.hasUnlistedEdits)
    #expect(try again.listEdits().isEmpty)
    #expect(!again.hasUnlistedEdits)
    let dataset = try COCOPanoptic(readingJSON: place.file("panoptic.json"))
    let listed = dataset.annotations.first { $0.file_name == "cups.png" }
    #expect(listed?.segments_info.count == edited.segments.count)
  }
}
