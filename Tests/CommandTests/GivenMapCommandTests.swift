import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

/// `crayon annotate` with maps that exist: which map is whose, what its categories mean, and what becomes of results that
/// are there already.
@Suite struct GivenMapCommandTests {
  /// A folder to work in, with pictures and maps of two halves.
  struct Place: ~Copyable {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    borrowing func file(_ path: String) -> URL { folder.file(path) }

    borrowing func write(_ data: Data, to path: String) throws {
      let url = file(path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: url)
    }

    borrowing func picture(_ path: String, seed: UInt64 = 0, width: Int = 64, height: Int = 48) throws {
      var numbers = SeededNumbers(seed: seed &+ 1)
      let pixels = (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      try write(try RGBImage(width: width, height: height, pixels: pixels).encodedPNG(), to: path)
    }

    borrowing func map(
      _ path: String, left: Int32 = 1, right: Int32 = 2, width: Int = 64, height: Int = 48, border: Int? = nil
    ) throws {
      let ids = (0..<width * height).map { $0 % width < border ?? width / 2 ? left : right }
      try write(try PNG.encode(PNG.Pixels(width: width, height: height, ids: ids), as: .map), to: path)
    }

    static let segments = #"[{"id": 1, "category_id": 1}, {"id": 2, "category_id": 2}]"#

    static func categories(_ names: [String], kind: Int = 1) -> String {
      let list = names.enumerated().map { "{\"id\": \($0 + 1), \"name\": \"\($1)\", \"isthing\": \(kind)}" }
      return "[" + list.joined(separator: ", ") + "]"
    }

    /// The JSON beside a map.
    borrowing func list(_ path: String, _ names: [String], kind: Int = 1) throws {
      let json = "{\"segments_info\": \(Self.segments), \"categories\": \(Self.categories(names, kind: kind))}"
      try write(Data(json.utf8), to: path)
    }

    /// A dataset of pictures and their maps; "" for a picture that is not listed.
    borrowing func dataset(_ path: String, _ pairs: [(picture: String, map: String)], _ names: [String]) throws
    {
      let images = pairs.enumerated().filter { !$1.picture.isEmpty }.map {
        "{\"id\": \($0), \"file_name\": \"\($1.picture)\", \"width\": 64, \"height\": 48}"
      }
      let annotations = pairs.enumerated().map {
        "{\"image_id\": \($0), \"file_name\": \"\($1.map)\", \"segments_info\": \(Self.segments)}"
      }
      let json =
        "{\"images\": [\(images.joined(separator: ", "))], \"annotations\": [\(annotations.joined(separator: ", "))], "
        + "\"categories\": \(Self.categories(names))}"
      try write(Data(json.utf8), to: path)
    }

    /// - Parameter arguments: flags, and paths in the folder
    borrowing func annotate(_ arguments: String..., out: String = "out") throws -> CrayonProcess.Result {
      try annotate(arguments, out: out)
    }

    borrowing func annotate(_ arguments: [String], out: String = "out") throws -> CrayonProcess.Result {
      let paths = arguments.map { $0.hasPrefix("--") ? $0 : file($0).path }
      return try CrayonProcess.run(["annotate"] + paths + ["--out", file(out).path])
    }

    borrowing func listed(_ out: String = "out") throws -> [String: [String]] {
      let dataset = try COCOPanoptic(readingJSON: file(out + "/panoptic.json"))
      let table = try dataset.categoryTable()
      let names = Dictionary(uniqueKeysWithValues: dataset.images.map { ($0.id, $0.file_name) })
      var result: [String: [String]] = [:]
      for annotation in dataset.annotations {
        // The map is there, and is what its entry says.
        let map = try PanopticMap(annotation, in: file(out + "/panoptic"), categories: table)
        result[try #require(names[annotation.image_id])] = map.segments.map(\.category.name)
      }
      return result
    }

    borrowing func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: file(path).path) }
  }

  // MARK: What categories mean

  @Test(arguments: [
    ["--panoptic", "m/x.png"], ["--panoptic", "m"], ["--panoptic", "m/x.png", "--panoptic-json", "m.json"],
    ["--panoptic", "m", "--panoptic-json", "m.json"],
  ])
  func aMapKeepsItsOwnCategories(how: [String]) throws {
    let place = try Place()
    try place.picture("p/x.png")
    try place.map("m/x.png")
    try place.list("m/x.json", ["rust", "paint"])
    try place.dataset("m.json", [("x.png", "x.png")], ["rust", "paint"])
    let result = try place.annotate(["p/x.png"] + how)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try place.listed() == ["x.png": ["rust", "paint"]])
    #expect(
      try COCOPanoptic(readingJSON: place.file("out/panoptic.json")).categories.map(\.name) == [
        "rust", "paint",
      ])
  }

  /// Ids that mean something else in every list.
  @Test func vocabulariesAreJoinedByName() throws {
    let place = try Place()
    let vocabularies = ["a": ["rust", "paint"], "b": ["crack", "moss"], "c": ["paint", "rust"]]
    for (name, categories) in vocabularies.sorted(by: { $0.key < $1.key }) {
      try place.picture("\(name)/\(name).png", seed: UInt64(name.utf8.first ?? 0))
      try place.map("\(name)m/\(name).png")
      try place.dataset("\(name)m.json", [("", "\(name).png")], categories)
      let result = try place.annotate(name, "--panoptic", "\(name)m", "--panoptic-json", "\(name)m.json")
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(
      try place.listed() == [
        "a.png": ["rust", "paint"], "b.png": ["crack", "moss"], "c.png": ["paint", "rust"],
      ])
    // Again, in another order: nothing changes.
    let before = try Data(contentsOf: place.file("out/panoptic.json"))
    for name in ["b", "a", "c"] {
      _ = try place.annotate(name, "--panoptic", "\(name)m", "--panoptic-json", "\(name)m.json")
    }
    #expect(try Data(contentsOf: place.file("out/panoptic.json")) == before)
  }

  @Test func aFolderOfMapsMayHaveAVocabularyEach() throws {
    let place = try Place()
    for (index, categories) in [["rust", "paint"], ["paint", "rust"], ["moss", "rust"]].enumerated() {
      try place.picture("p/\(index).png", seed: UInt64(index))
      try place.map("m/\(index).png")
      try place.list("m/\(index).json", categories)
    }
    #expect(try place.annotate("p", "--panoptic", "m").status == 0)
    #expect(
      try place.listed() == [
        "0.png": ["rust", "paint"], "1.png": ["paint", "rust"], "2.png": ["moss", "rust"],
      ])
  }

  /// What cannot be joined is refused, before any work where that is known, and named.
  @Test func aThingHereAndStuffThere() throws {
    let place = try Place()
    for (index, kind) in [1, 1, 0].enumerated() {
      try place.picture("p/\(index).png", seed: UInt64(index))
      try place.map("m/\(index).png")
      try place.list("m/\(index).json", ["rust", "paint"], kind: kind)
    }
    let result = try place.annotate("p", "--panoptic", "m")
    #expect(result.status == 1)
    #expect(
      result.errors.contains("failed: 2.png: the category \"rust\" is a thing in one list"), "\(result.errors)")
    #expect(try place.listed().keys.sorted() == ["0.png", "1.png"])
  }

  // MARK: Whose a map is

  @Test func imageIDJoinsWhateverTheNames() throws {
    let place = try Place()
    try place.picture("left/ulm_1_leftImg8bit.png")
    try place.map("pan/ulm_1_gtFine_panoptic.png")
    try place.dataset("pan.json", [("ulm_1_leftImg8bit.png", "ulm_1_gtFine_panoptic.png")], ["car", "road"])
    let result = try place.annotate("left", "--panoptic", "pan", "--panoptic-json", "pan.json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try place.listed() == ["ulm_1_leftImg8bit.png": ["car", "road"]])
  }

  /// A map of the last part of a name is another picture's.
  @Test func aMapOfAnotherFolderIsNotTaken() throws {
    let place = try Place()
    try place.picture("p/a/x.png", seed: 1)
    try place.picture("p/b/x.png", seed: 2)
    try place.map("m/x.png")
    try place.map("m/a/x.png")
    try place.dataset("m.json", [("", "x.png"), ("", "a/x.png")], ["rust", "paint"])
    let result = try place.annotate("p", "--recursive", "--panoptic", "m", "--panoptic-json", "m.json")
    #expect(result.status == 1)
    #expect(result.errors.contains("failed: b/x.png: "), "\(result.errors)")
    #expect(try place.listed() == ["a/x.png": ["rust", "paint"]])
  }

  @Test func aMapIsOnePictures() throws {
    let place = try Place()
    for name in ["IMG_1.jpg", "IMG_1.png", "IMG_2.png"] {
      try place.picture("p/\(name)", seed: UInt64(name.count))
    }
    for name in ["IMG_1", "IMG_2"] {
      try place.map("m/\(name).png")
      try place.list("m/\(name).json", ["rust", "paint"])
    }
    let shared = try place.annotate("p", "--panoptic", "m")
    #expect(shared.status == 1 && shared.errors.contains("2 failed"), "\(shared.errors)")
    #expect(shared.errors.contains("would be that of IMG_1.jpg and of IMG_1.png; a map is one picture's"))
    #expect(try place.listed().keys.sorted() == ["IMG_2.png"])
    let one = try place.annotate("p", "--panoptic", "m/IMG_2.png", out: "one")
    #expect(one.status == 1 && one.errors.contains("3 failed"), "\(one.errors)")
  }

  @Test func accentsMeetHoweverTheyAreWritten() throws {
    let place = try Place()
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    try place.picture("p/\(composed).png")
    try place.map("m/\(decomposed).png")
    try place.list("m/\(decomposed).json", ["rust", "paint"])
    #expect(try place.annotate("p", "--panoptic", "m").status == 0)
    try place.dataset("m.json", [(composed + ".png", decomposed + ".png")], ["rust", "paint"])
    let result = try place.annotate("p", "--panoptic", "m", "--panoptic-json", "m.json", out: "other")
    #expect(result.status == 0, "\(result.errors)")
  }

  // MARK: Results of several folders

  /// Both are listed, by as much of their paths as tells them apart, in whatever order they come.
  @Test(arguments: [["a", "b"], ["b", "a"]])
  func twoPicturesOfOneName(order: [String]) throws {
    let place = try Place()
    for name in ["a", "b"] {
      try place.picture("\(name)/x.png", seed: UInt64(name.utf8.first ?? 0))
      try place.map("\(name)m/x.png", border: name == "a" ? 10 : 20)
      try place.list("\(name)m/x.json", ["rust", "paint"])
    }
    for name in order { #expect(try place.annotate(name, "--panoptic", "\(name)m").status == 0) }
    #expect(try place.listed().keys.sorted() == ["a/x.png", "b/x.png"])
    let files = try FileManager.default.subpathsOfDirectory(atPath: place.file("out/panoptic").path)
      .filter { $0.hasSuffix(".png") }
    #expect(files.sorted() == ["a/x.png", "b/x.png"])
    // Known again under their new names.
    let again = try place.annotate("a", "--panoptic", "am")
    #expect(again.errors.contains("1 kept as they were"), "\(again.errors)")
    #expect(try place.listed().count == 2)
  }

  @Test func anEditedMapIsNotListedForAnotherPicture() throws {
    let place = try Place()
    for name in ["a", "b"] {
      try place.picture("\(name)/x.png", seed: UInt64(name.utf8.first ?? 0))
      try place.map("\(name)m/x.png")
      try place.list("\(name)m/x.json", ["rust", "paint"])
    }
    _ = try place.annotate("a", "--panoptic", "am")
    try place.map("out/panoptic/x.png", border: 10)
    let kept = try place.annotate("a", "--panoptic", "am")
    #expect(kept.errors.contains("1 edited by a person and kept"))
    let other = try place.annotate("b", "--panoptic", "bm", "--overlay")
    #expect(other.status == 0 && other.errors.contains("1 annotated"), "\(other.errors)")
    let dataset = try COCOPanoptic(readingJSON: place.file("out/panoptic.json"))
    let areas = dataset.annotations.sorted { $0.file_name < $1.file_name }.map { $0.segments_info[0].area }
    #expect(areas == [10 * 48, 32 * 48])
    let again = try place.annotate("a", "--panoptic", "am")
    #expect(again.errors.contains("1 edited by a person and kept"), "\(again.errors)")
  }

  @Test func namesThatDifferInTheirEndingsAlone() throws {
    let place = try Place()
    for name in ["IMG_1.jpg", "IMG_1.png", "IMG_2.png"] {
      try place.picture("p/\(name)", seed: UInt64(name.utf8.reduce(0) { Int($0) + Int($1) }))
      try place.map("m/\(name).png")
      try place.list("m/\(name).json", ["rust", "paint"])
    }
    let result = try place.annotate("p", "--panoptic", "m", "--overlay")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try place.listed().keys.sorted() == ["IMG_1.jpg", "IMG_1.png", "IMG_2.png"])
    for name in ["IMG_1.jpg", "IMG_1.png", "IMG_2"] {
      #expect(place.exists("out/panoptic/\(name).png") && place.exists("out/overlay/\(name).png"), "\(name)")
    }
  }

  @Test func severalFoldersAndFilesAtOnce() throws {
    let place = try Place()
    for path in ["q/a/x", "q/b/x", "q/x"] {
      try place.picture("\(path).png", seed: UInt64(path.utf8.reduce(0) { Int($0) + Int($1) }))
      try place.map("m/\(path.dropFirst(2)).png")
      try place.list("m/\(path.dropFirst(2)).json", ["rust", "paint"])
    }
    #expect(try place.annotate("q", "--recursive", "--panoptic", "m", out: "1").status == 0)
    #expect(try place.listed("1").keys.sorted() == ["a/x.png", "b/x.png", "x.png"])
    // A picture that is named twice is one.
    let twice = try place.annotate("q/x.png", "q/x.png", "q", "--panoptic", "m", out: "2")
    #expect(twice.status == 0 && twice.errors.contains("1 annotated"), "\(twice.errors)")
  }

  /// A folder under another name has the same pictures; its results are kept.
  @Test func aFolderThatWasMoved() throws {
    let place = try Place()
    try place.picture("p/x.png")
    try place.map("m/x.png")
    try place.list("m/x.json", ["rust", "paint"])
    _ = try place.annotate("p", "--panoptic", "m")
    try FileManager.default.moveItem(at: place.file("p"), to: place.file("r"))
    let result = try place.annotate("r", "--panoptic", "m")
    #expect(result.errors.contains("1 kept as they were"), "\(result.errors)")
    #expect(try place.listed().keys.sorted() == ["x.png"])
    // In its new place it may change, and is still the same picture.
    try place.picture("r/x.png", seed: 9)
    #expect(try place.annotate("r", "--panoptic", "m").errors.contains("1 annotated"))
    #expect(try place.listed().keys.sorted() == ["x.png"])
  }

  // MARK: Maps that a person has edited

  struct Edit: Sendable {
    var width = 64
    var height = 48
    var right: Int32 = 2
    var reason: String
  }

  @Test(
    arguments: [
      Edit(width: 63, reason: "it has 63×48 pixels, and its picture 64×48"),
      Edit(height: 49, reason: "it has 64×49 pixels, and its picture 64×48"),
      Edit(width: 10, height: 10, reason: "it has 10×10 pixels, and its picture 64×48"),
      Edit(width: 48, height: 64, reason: "it has 48×64 pixels, and its picture 64×48"),
      Edit(width: 1, height: 1, reason: "it has 1×1 pixels, and its picture 64×48"),
      Edit(right: 3, reason: "pixels carry the id 3, but no segment with that id is listed"),
    ], [false, true])
  func anEditThatDoesNotFit(edit: Edit, overlay: Bool) throws {
    let place = try Place()
    try place.picture("p/x.png")
    try place.picture("p/y.png", seed: 2)
    for name in ["x", "y"] {
      try place.map("m/\(name).png")
      try place.list("m/\(name).json", ["rust", "paint"])
    }
    _ = try place.annotate("p", "--panoptic", "m")
    try place.map("out/panoptic/x.png", right: edit.right, width: edit.width, height: edit.height)
    let result = try place.annotate(["p", "--panoptic", "m"] + (overlay ? ["--overlay"] : []))
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.errors.contains("failed: x.png: the edited map ") && result.errors.contains(edit.reason))
    #expect(!result.errors.contains("failed: y.png"))
  }

  @Test func anEditedMapOfAPictureThatChanged() throws {
    let place = try Place()
    try place.picture("p/x.png")
    try place.map("m/x.png")
    try place.list("m/x.json", ["rust", "paint"])
    _ = try place.annotate("p", "--panoptic", "m")
    try place.map("out/panoptic/x.png", border: 10)
    try place.picture("p/x.png", seed: 7)
    let result = try place.annotate("p", "--panoptic", "m")
    #expect(result.status == 1 && result.errors.contains("its picture has changed since"), "\(result.errors)")
    #expect(try place.annotate("p", "--panoptic", "m", "--overwrite").status == 0)
  }

  // MARK: What is not done

  @Test func whatCannotBeDoneIsCountedAndNamed() throws {
    let place = try Place()
    try place.picture("p/x.png")
    try place.map("m/x.png")
    try place.list("m/x.json", ["rust", "paint"])
    try place.write(Data("notes\n".utf8), to: "p/notes.txt")
    try place.picture("p/deeper/z.png")
    try FileManager.default.createDirectory(at: place.file("empty"), withIntermediateDirectories: true)
    let link = place.file("p/gone.png").path
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: place.file("nowhere.png").path)
    try FileManager.default.createSymbolicLink(
      atPath: place.file("p/round.png").path, withDestinationPath: place.file("p/round.png").path)
    // A name in Latin-1.
    let name = Array((place.file("p").path + "/caf").utf8) + [0xE9] + Array(".png".utf8) + [0]
    let bytes = name.map { CChar(bitPattern: $0) }
    let file = open(bytes, O_WRONLY | O_CREAT, 0o644)
    try #require(file >= 0)
    close(file)

    let result = try place.annotate("p", "empty", "--panoptic", "m")
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.errors.contains("failed: gone.png: it is a link that leads nowhere"))
    #expect(result.errors.contains("failed: round.png: it is a link that leads nowhere"))
    #expect(result.errors.contains("its name is not UTF-8; rename it"))
    #expect(
      result.errors.contains("failed: empty: no pictures in it; --recursive also looks into folders in folders")
    )
    #expect(result.errors.contains("passed over: deeper/, notes.txt"))
    #expect(result.errors.contains("1 annotated, 4 failed (see ") && result.errors.contains("2 passed over"))
    let failures = try String(contentsOf: place.file("out/failures.jsonl"), encoding: .utf8)
    #expect(failures.split(separator: "\n").count == 4)

    // What is gone is no failure any more.
    unlink(link)
    unlink(place.file("p/round.png").path)
    unlink(bytes)
    #expect(try place.annotate("p", "--panoptic", "m").status == 0)
    #expect(try place.annotate("p", "--panoptic", "m").status == 0)
    let left = try String(contentsOf: place.file("out/failures.jsonl"), encoding: .utf8)
    #expect(left.split(separator: "\n").count == 1 && left.contains("empty"))
  }

  @Test func onlyFoldersWithNothingInThem() throws {
    let place = try Place()
    try FileManager.default.createDirectory(at: place.file("empty"), withIntermediateDirectories: true)
    let result = try place.annotate("empty", "--panoptic", "empty")
    #expect(result.status == 64 && result.errors.contains("no pictures in "), "\(result.errors)")
  }

  @Test func whereResultsCannotGo() throws {
    let place = try Place()
    try place.picture("p/x.png")
    try place.map("m/x.png")
    try place.list("m/x.json", ["rust", "paint"])
    try place.write(Data("a file".utf8), to: "file")
    let cases = [
      (
        "p", Int32(64),
        "is where the pictures are, and where the results would go; name another folder with --out"
      ),
      ("file", 1, "file is a file and no folder"), ("file/out", 1, "file is a file and no folder"),
    ]
    for (out, status, sentence) in cases {
      let result = try place.annotate("p", "--panoptic", "m", out: out)
      #expect(result.status == status && result.errors.contains(sentence), "\(out): \(result.errors)")
      #expect(!result.errors.contains("NSCocoaErrorDomain") && !result.errors.contains("Error Domain"))
    }
  }
}
