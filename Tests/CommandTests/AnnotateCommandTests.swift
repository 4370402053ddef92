import CrayonCore
import Foundation
import TestSupport
import Testing

/// `crayon annotate` as a process: what it leaves behind, says and returns.
@Suite struct AnnotateCommandTests {
  /// A folder of small pictures, and one for the results.
  struct Workplace: ~Copyable {
    let folder: TemporaryFolder
    var pictures: URL { folder.file("pictures") }
    var out: URL { folder.file("out") }

    init(pictures count: Int = 3) throws {
      let folder = try TemporaryFolder()
      let pictures = folder.file("pictures")
      try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
      var numbers = SeededNumbers(seed: 5)
      for index in 0..<count {
        try Self.picture(&numbers).writePNG(to: pictures.appendingPathComponent("p\(index).png"))
      }
      self.folder = folder
    }

    /// Blocks of colour, so that a random network sees something.
    static func picture(_ numbers: inout SeededNumbers) -> RGBImage {
      let colours = (0..<24).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      var pixels: [UInt8] = []
      for y in 0..<48 {
        for x in 0..<64 {
          let block = x / 16 + y / 24 * 4
          pixels += colours[block * 3..<block * 3 + 3]
        }
      }
      return RGBImage(width: 64, height: 48, pixels: pixels)
    }

    borrowing func annotate(_ options: String..., out: URL? = nil) throws -> CrayonProcess.Result {
      try annotate(options, out: out ?? self.out)
    }

    borrowing func annotate(_ options: [String], out: URL) throws -> CrayonProcess.Result {
      let output = folder.file("output")
      let errors = folder.file("errors")
      for file in [output, errors] { try Data().write(to: file) }
      let process = try CrayonProcess.start(
        ["annotate", pictures.path, "--pipeline", "untrained", "--out", out.path] + options,
        output: try FileHandle(forWritingTo: output), errors: try FileHandle(forWritingTo: errors))
      process.waitUntilExit()
      return CrayonProcess.Result(
        status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }
  }

  /// Everything a run leaves, but for the records' folder: path to bytes.
  static func contents(_ folder: URL) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    where !path.hasPrefix(".crayon") {
      if let data = FileManager.default.contents(atPath: folder.appendingPathComponent(path).path) {
        found[path] = data
      }
    }
    return found
  }

  static func dataset(_ folder: URL) throws -> COCOPanoptic {
    try COCOPanoptic(readingJSON: folder.appendingPathComponent("panoptic.json"))
  }

  @Test func aRunLeavesADatasetThatReadsBack() throws {
    let place = try Workplace()
    let result = try place.annotate("--overlay")
    #expect(result.status == 0)
    #expect(result.errors.contains("3 annotated"))
    #expect(result.errors.contains("random weights"))
    let dataset = try Self.dataset(place.out)
    #expect(dataset.images.count == 3 && dataset.annotations.count == 3)
    for annotation in dataset.annotations {
      let map = try PanopticMap(
        annotation, in: place.out.appendingPathComponent("panoptic"),
        categories: try dataset.categoryTable())
      #expect(map.width == 64 && map.height == 48)
    }
    let files = try Self.contents(place.out).keys.sorted()
    let wanted =
      ["panoptic.json"] + (0..<3).flatMap { ["overlay/p\($0).png", "panoptic/p\($0).png"] }
    #expect(files == wanted.sorted())
  }

  @Test func aSecondRunChangesNothing() throws {
    let place = try Workplace()
    _ = try place.annotate()
    let before = try Self.contents(place.out)
    let result = try place.annotate()
    #expect(result.status == 0 && result.errors.contains("3 kept as they were"))
    #expect(try Self.contents(place.out) == before)
  }

  @Test func aChangedPictureIsDoneAgain() throws {
    let place = try Workplace()
    _ = try place.annotate()
    var numbers = SeededNumbers(seed: 77)
    try Workplace.picture(&numbers).writePNG(to: place.pictures.appendingPathComponent("p1.png"))
    let result = try place.annotate()
    #expect(result.errors.contains("1 annotated, 2 kept as they were"))
  }

  @Test func anEditedMapStaysAndIsCounted() throws {
    let place = try Workplace(pictures: 1)
    _ = try place.annotate()
    let file = place.out.appendingPathComponent("panoptic/p0.png")
    let map = try PanopticMap(
      try #require(try Self.dataset(place.out).annotations.first),
      in: place.out.appendingPathComponent("panoptic"), categories: try Self.dataset(place.out).categoryTable())
    // A person wipes half a segment out.
    let segment = try #require(map.segments.first)
    var ids = map.ids
    for (index, id) in ids.enumerated() where id == segment.id && index % 2 == 0 {
      ids[index] = PanopticMap.void
    }
    let left = ids.count { $0 == segment.id }
    let labels = Dictionary(
      uniqueKeysWithValues: map.segments.map { ($0.id, PanopticMap.Label(category: $0.category)) })
    let edited = try PanopticMap(width: 64, height: 48, ids: ids, labels: labels)
    try edited.encodedPNG(name: "edited").write(to: file)

    let result = try place.annotate()
    #expect(result.status == 0 && result.errors.contains("1 edited by a person and kept"))
    #expect(try Data(contentsOf: file) == edited.encodedPNG(name: "edited"))
    let listed = try #require(try Self.dataset(place.out).annotations.first?.segments_info)
    #expect(listed.first { $0.id == Int(segment.id) }?.area == left)

    let again = try place.annotate("--overwrite")
    #expect(again.errors.contains("1 annotated"))
    #expect(try Data(contentsOf: file) != edited.encodedPNG(name: "edited"))
  }

  @Test func badPicturesAreListedAndTheRestGoesOn() throws {
    let place = try Workplace(pictures: 2)
    let good = try Data(contentsOf: place.pictures.appendingPathComponent("p0.png"))
    let bad: [String: Data] = [
      "cut.png": good.prefix(good.count / 2), "empty.png": Data(), "text.png": Data("hello, world\n".utf8),
    ]
    for (name, data) in bad { try data.write(to: place.pictures.appendingPathComponent(name)) }
    let result = try place.annotate()
    #expect(result.status == 1)
    #expect(result.errors.contains("2 annotated, 3 failed"))
    let lines = try String(contentsOf: place.out.appendingPathComponent("failures.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.contains { $0.contains("text.png is not a picture in a known format") })
    #expect(lines.contains { $0.contains("empty.png is empty") })
    #expect(lines.contains { $0.contains("cut.png is damaged") })

    // Mended, they are done, and the list of failures is gone.
    for name in bad.keys { try good.write(to: place.pictures.appendingPathComponent(name)) }
    #expect(try place.annotate().status == 0)
    #expect(
      !FileManager.default.fileExists(atPath: place.out.appendingPathComponent("failures.jsonl").path))
    #expect(try Self.dataset(place.out).annotations.count == 5)
  }

  /// A record that is damaged and its picture are one failure; it is none when it was deleted as told.
  @Test func aDamagedRecord() throws {
    let place = try Workplace(pictures: 2)
    _ = try place.annotate()
    let record = place.out.appendingPathComponent(".crayon/p0.json")
    try Data("{half a rec".utf8).write(to: record)
    let damaged = try place.annotate()
    #expect(
      damaged.status == 1 && damaged.errors.contains("1 kept as they were, 1 failed"), "\(damaged.errors)")
    let failures = place.out.appendingPathComponent("failures.jsonl")
    let lines = try String(contentsOf: failures, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 1 && lines[0].hasPrefix("{\"file\":\"p0.png\""), "\(lines)")
    for file in [record, place.out.appendingPathComponent("panoptic/p0.png")] {
      try FileManager.default.removeItem(at: file)
    }
    let mended = try place.annotate()
    #expect(mended.status == 0 && mended.errors.contains("1 annotated"), "\(mended.errors)")
    #expect(!FileManager.default.fileExists(atPath: failures.path))
  }

  /// A damaged record of a picture that is not named this time.
  @Test func aDamagedRecordOfAnotherRun() throws {
    let place = try Workplace(pictures: 1)
    _ = try place.annotate()
    let record = place.out.appendingPathComponent(".crayon/other.json")
    try Data().write(to: record)
    let damaged = try place.annotate()
    #expect(damaged.status == 1 && damaged.errors.contains("failed: other.json: "), "\(damaged.errors)")
    try FileManager.default.copyItem(
      at: place.pictures.appendingPathComponent("p0.png"),
      to: place.pictures.appendingPathComponent("other.png"))
    try FileManager.default.removeItem(at: record)
    // The record is there again, and whole.
    #expect(try place.annotate().status == 0)
    #expect(
      !FileManager.default.fileExists(atPath: place.out.appendingPathComponent("failures.jsonl").path))
  }

  @Test func strictStopsAtTheFirst() throws {
    let place = try Workplace(pictures: 4)
    try Data().write(to: place.pictures.appendingPathComponent("a.png"))
    let result = try place.annotate("--strict", "--jobs", "1")
    #expect(result.status == 1)
    #expect(result.errors.contains("0 annotated, 1 failed") && result.errors.contains("4 left"))
  }

  @Test func verySmallVeryThinAndOddlyShaped() throws {
    let place = try Workplace(pictures: 0)
    let sizes = [(1, 1), (20000, 2), (3, 700)]
    for (width, height) in sizes {
      let grey = [UInt8](repeating: 90, count: width * height * 3)
      try RGBImage(width: width, height: height, pixels: grey).writePNG(
        to: place.pictures.appendingPathComponent("\(width)x\(height).png"))
    }
    let result = try place.annotate("--overlay")
    #expect(result.status == 0)
    let dataset = try Self.dataset(place.out)
    for (width, height) in sizes {
      let image = dataset.images.first { $0.file_name == "\(width)x\(height).png" }
      #expect(image?.width == width && image?.height == height)
    }
  }

  @Test func shardsMergeIntoWhatOneRunGives() throws {
    let place = try Workplace(pictures: 7)
    try Data("?".utf8).write(to: place.pictures.appendingPathComponent("bad.png"))
    #expect(try place.annotate("--overlay").status == 1)
    var shards: [String] = []
    for index in 1...3 {
      let shard = place.folder.file("shard\(index)")
      _ = try place.annotate("--overlay", "--shard", "\(index)/3", out: shard)
      shards.append(shard.path)
    }
    let merged = place.folder.file("merged")
    let arguments = ["annotate", "--out", merged.path, "--merge"] + shards
    let process = try CrayonProcess.start(arguments)
    process.waitUntilExit()
    // As the single run: one picture failed.
    #expect(process.terminationStatus == 1)
    let (one, three) = (try Self.contents(place.out), try Self.contents(merged))
    #expect(one.keys.sorted() == three.keys.sorted())
    for (name, data) in one { #expect(three[name] == data, "\(name) differs") }
  }

  @Test func aRunThatIsKilledGoesOn() throws {
    let place = try Workplace(pictures: 40)
    let wanted = place.folder.file("wanted")
    let started = ContinuousClock.now
    #expect(try place.annotate("--overlay", out: wanted).status == 0)
    let whole = ContinuousClock.now - started
    let kills = Int(ProcessInfo.processInfo.environment["CRAYON_KILLS"] ?? "") ?? 4
    var numbers = SeededNumbers(seed: UInt64(kills))
    var finished = 0
    for round in 0..<kills {
      let process = try CrayonProcess.start([
        "annotate", place.pictures.path, "--pipeline", "untrained", "--overlay", "--out", place.out.path,
      ])
      let maps = place.out.appendingPathComponent("panoptic")
      func names() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: maps.path).filter { !$0.hasPrefix(".") }) ?? []
      }
      if round == 0 {
        // In the midst of work for certain, however fast the machine is by now.
        while names().isEmpty && process.isRunning { Thread.sleep(forTimeInterval: 0.002) }
      } else {
        Thread.sleep(forTimeInterval: Double.random(in: 0...1, using: &numbers) * (whole / .seconds(1)))
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .exit { finished += 1 }
      // What is there is whole: maps decode, and no other name than theirs is in sight.
      for name in names() {
        let image = try RGBImage(png: maps.appendingPathComponent(name))
        #expect(image.width == 64 && image.height == 48, "\(name) after kill \(round)")
      }
      // Start afresh now and then, so that kills meet every state.
      if round % 5 == 4 { try FileManager.default.removeItem(at: place.out) }
    }
    #expect(finished < kills, "every run ended before it was killed")
    #expect(try place.annotate("--overlay").status == 0)
    let (got, expected) = (try Self.contents(place.out), try Self.contents(wanted))
    #expect(got.keys.sorted() == expected.keys.sorted())
    for (name, data) in expected { #expect(got[name] == data, "\(name) differs") }
  }

  /// A pipe in a folder of pictures is none, and is not waited for.
  @Test(.timeLimit(.minutes(2))) func aPipeAmongPictures() throws {
    let place = try Workplace()
    for name in ["control", "pipe.png"] {
      try #require(mkfifo(place.pictures.appendingPathComponent(name).path, 0o600) == 0)
    }
    let result = try place.annotate()
    #expect(result.status == 1 && result.errors.contains("3 annotated"), "\(result.errors)")
    #expect(result.errors.contains("pipe.png"))
  }

  /// A run that stops at the first failure says nothing of those that it did not come to.
  @Test func whatWasNotTriedStaysOnTheListOfFailures() throws {
    let place = try Workplace()
    for name in ["a.png", "z.png"] {
      try Data("no picture".utf8).write(to: place.pictures.appendingPathComponent(name))
    }
    func failed() throws -> [String] {
      let text = try String(contentsOf: place.out.appendingPathComponent("failures.jsonl"), encoding: .utf8)
      return ["a.png", "z.png"].filter { text.contains("\"file\":\"\($0)\"") }
    }
    #expect(try place.annotate().status == 1)
    #expect(try failed() == ["a.png", "z.png"])
    #expect(try place.annotate("--strict", "--jobs", "1").status == 1)
    #expect(try failed() == ["a.png", "z.png"])
  }
}

extension RGBImage {
  fileprivate init(png: URL) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(at: png, to: folder.file(Self.fileNames[0]))
    try self.init(readingFrom: folder.url)
  }
}
