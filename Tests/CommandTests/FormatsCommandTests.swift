import CrayonCore
import Foundation
import PNGFiles
import TestSupport
import Testing

/// `crayon export` and `import`: against files that pycocotools, Datumaro and labelme wrote (Tests/Reference/formats.py),
/// and there and back.
@Suite struct FormatsCommandTests {
  static let stored = Fixtures.folder.appendingPathComponent("Formats")

  /// An annotated folder with the stored map.
  static func annotated(in folder: borrowing TemporaryFolder) throws -> URL {
    let out = folder.file("annotations")
    let result = try CrayonProcess.run(
      "annotate", stored.appendingPathComponent("picture.png").path, "--panoptic",
      stored.appendingPathComponent("map.png").path, "--panoptic-json",
      stored.appendingPathComponent("map.json").path,
      "--out", out.path)
    try #require(result.status == 0, "\(result.errors)")
    return out
  }

  static func map(_ annotated: URL) throws -> PanopticMap {
    try PanopticMap(
      readingPNG: annotated.appendingPathComponent("panoptic/picture.png"),
      json: annotated.appendingPathComponent("panoptic.json"))
  }

  /// Takes everything off the map, as a person could.
  static func blank(_ annotated: URL) throws {
    let map = try map(annotated)
    let pixels = PNG.Pixels(
      width: map.width, height: map.height, ids: [Int32](repeating: 0, count: map.width * map.height))
    try PNG.encode(pixels, as: .map).write(to: annotated.appendingPathComponent("panoptic/picture.png"))
  }

  /// Category names, pixel by pixel.
  static func names(_ map: PanopticMap) -> [String] {
    let names = Dictionary(
      map.segments.map { ($0.id, $0.category.name) }, uniquingKeysWith: { first, _ in first })
    return map.ids.map { names[$0] ?? "" }
  }

  @Test(arguments: ["coco-instances", "yolo-seg", "labelme", "cvat", "masks"])
  func thereAndBack(format: String) throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    let before = try Self.map(annotated)
    let exported = try CrayonProcess.run("export", annotated.path, "--to", format, "--json")
    #expect(exported.status == 0, "\(exported.errors)")
    let made = folder.file("annotations-\(format)")
    let again = try CrayonProcess.run("export", annotated.path, "--to", format)
    #expect(again.status == 64 && again.errors.hasSuffix("exists already\n"))
    let summary = try JSONSerialization.jsonObject(with: Data(exported.output.utf8)) as? [String: Any]
    let loss = try #require(summary?["loss"] as? [String: Int])
    // The cup's hole, through which nothing is seen, is what YOLO's format alone cannot have.
    #expect(loss["lostPixels"] == (format == "yolo-seg" ? 16 : 0))
    #expect(
      exported.errors.contains("has no holes; 3 parts of segments") == (format == "yolo-seg"),
      "\(exported.errors)")

    // The same again changes nothing.
    let same = try CrayonProcess.run("import", made.path, "--from", format, "--into", annotated.path)
    #expect(same.status == 0, "\(same.errors)")
    if format != "yolo-seg" {
      #expect(same.output.contains("0 maps changed, 1 as they were"), "\(same.output)")
      #expect(try Self.map(annotated).ids == before.ids)
    }
    try Self.blank(annotated)
    let back = try CrayonProcess.run("import", made.path, "--from", format, "--into", annotated.path)
    #expect(back.status == 0 && back.output.contains("1 maps changed"), "\(back.errors)")
    let after = try Self.map(annotated)
    let different = zip(Self.names(after), Self.names(before)).count { $0 != $1 }
    #expect(different == (format == "yolo-seg" ? 16 : 0))
    #expect(after.segments.count == before.segments.count)
    if format != "yolo-seg" { #expect(after.ids == before.ids) }
    if format == "coco-instances" || format == "masks" {
      #expect(after.segments.map(\.category) == before.segments.map(\.category))
    }
  }

  /// What other programs wrote of the same map.
  @Test(arguments: [
    ("coco-instances", "coco-instances.json", 0), ("cvat", "cvat.xml", 0), ("labelme", "labelme", 0),
  ])
  func filesOfOtherPrograms(format: String, file: String, different: Int) throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    let before = try Self.map(annotated)
    try Self.blank(annotated)
    let source = folder.file("source")
    try FileManager.default.copyItem(at: Self.stored.appendingPathComponent(file), to: source)
    try? FileManager.default.removeItem(at: source.appendingPathComponent("edited.json"))
    let read = try CrayonProcess.run("import", source.path, "--from", format, "--into", annotated.path)
    #expect(read.status == 0 && read.output.contains("1 maps changed"), "\(read.errors)")
    let after = try Self.map(annotated)
    #expect(zip(Self.names(after), Self.names(before)).count { $0 != $1 } == different)
    if format == "labelme" { #expect(after.ids == before.ids) }
  }

  /// A map that was edited in labelme: a class that nobody knew, a mask, and a segment gone. `annotate` keeps it.
  @Test func anEditStays() throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    let source = folder.file("edited")
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Self.stored.appendingPathComponent("labelme/edited.json"),
      to: source.appendingPathComponent("picture.json"))
    let read = try CrayonProcess.run("import", source.path, "--from", "labelme", "--into", annotated.path)
    #expect(read.status == 0, "\(read.errors)")
    #expect(read.errors.contains("new categories, taken for things: napkin\n"), "\(read.errors)")
    let after = try Self.map(annotated)
    #expect(!after.segments.contains { $0.category.name == "spoon" })
    #expect(after.segments.first { $0.category.name == "napkin" }?.area == 36)
    // A mask of 4 × 3 pixels of which the first row and the first column are inside.
    #expect(after.segments.filter { $0.category.name == "cup" }.map(\.area).sorted() == [6, 128])
    let png = try Data(contentsOf: annotated.appendingPathComponent("panoptic/picture.png"))
    let again = try CrayonProcess.run(
      "annotate", Self.stored.appendingPathComponent("picture.png").path, "--panoptic",
      Self.stored.appendingPathComponent("map.png").path, "--panoptic-json",
      Self.stored.appendingPathComponent("map.json").path, "--out", annotated.path)
    #expect(again.status == 0 && again.errors.contains("its map has been edited"), "\(again.errors)")
    #expect(try Data(contentsOf: annotated.appendingPathComponent("panoptic/picture.png")) == png)
    #expect(try Self.map(annotated) == after)
  }

  /// Fewer corners, and what that costs is said.
  @Test func simplified() throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    let exported = try CrayonProcess.run(
      "export", annotated.path, "--to", "labelme", "--simplify", "2", "--out", folder.file("out").path)
    #expect(exported.status == 0, "\(exported.errors)")
    let wrong = try CrayonProcess.run("export", annotated.path, "--to", "cvat", "--simplify", "2")
    #expect(wrong.status == 64)
  }

  /// What lies among the files of a format and is not read.
  @Test(arguments: [
    ("coco-instances", "captions.json"), ("cvat", "more/task.xml"), ("labelme", "notes.txt"),
    ("masks", "picture/9-cat.png"), ("yolo-seg", "labels/classes.txt"),
  ])
  func whatIsNotReadIsNamed(format: String, file: String) throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    #expect(try CrayonProcess.run("export", annotated.path, "--to", format).status == 0)
    let made = folder.file("annotations-\(format)")
    let place = made.appendingPathComponent(file)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("other".utf8).write(to: place)
    // A picture beside what is said of it.
    try FileManager.default.copyItem(
      at: Self.stored.appendingPathComponent("picture.png"), to: made.appendingPathComponent("picture.png"))
    let read = try CrayonProcess.run("import", made.path, "--from", format, "--into", annotated.path, "--json")
    #expect(read.status == 0 && read.errors.hasPrefix("passed over: \(file)\n"), "\(read.errors)")
    let summary = try JSONSerialization.jsonObject(with: Data(read.output.utf8)) as? [String: Any]
    #expect(summary?["passedOver"] as? [String] == [file])
  }

  /// An ending in capitals is the same ending.
  @Test(arguments: [
    ("labelme", "picture.json", "picture.JSON"), ("yolo-seg", "labels/picture.txt", "labels/picture.TXT"),
  ])
  func endingsInCapitals(format: String, file: String, capitals: String) throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    #expect(try CrayonProcess.run("export", annotated.path, "--to", format).status == 0)
    let made = folder.file("annotations-\(format)")
    try FileManager.default.moveItem(
      at: made.appendingPathComponent(file), to: made.appendingPathComponent(capitals))
    try Self.blank(annotated)
    let read = try CrayonProcess.run("import", made.path, "--from", format, "--into", annotated.path)
    #expect(read.status == 0 && read.output.contains("1 maps changed"), "\(read.errors)")
    #expect(!read.errors.contains("passed over"), "\(read.errors)")
  }

  /// One file of a format that has several.
  @Test(arguments: [
    ("labelme", "picture.json", nil), ("yolo-seg", "data.yaml", nil), ("masks", "masks.json", nil),
    (
      "yolo-seg", "labels/picture.txt",
      "is a file, and the format yolo-seg a folder with data.yaml and the folder labels; name the folder"
    ),
  ])
  func oneFile(format: String, file: String, sentence: String?) throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    #expect(try CrayonProcess.run("export", annotated.path, "--to", format).status == 0)
    try Self.blank(annotated)
    let read = try CrayonProcess.run(
      "import", folder.file("annotations-\(format)/\(file)").path, "--from", format, "--into", annotated.path)
    if let sentence {
      #expect(read.status == 1 && read.errors.contains(sentence), "\(read.errors)")
    } else {
      #expect(read.status == 0 && read.output.contains("1 maps changed"), "\(read.errors)")
    }
  }

  /// Yes and no, as numbers and as booleans.
  @Test(arguments: [("1", "0"), ("true", "false")], ["coco-instances", "masks"])
  func yesAndNo(words: (yes: String, no: String), format: String) throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    let source = folder.file("source")
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    let square = RunLengthMask(width: 40, height: 30, pixels: (0..<1200).map { $0 < 400 })
    try square.encodedPNG().write(to: source.appendingPathComponent("a.png"))
    let text =
      if format == "masks" {
        "{\"images\": [{\"file_name\": \"picture.png\", \"width\": 40, \"height\": 30, \"masks\": [{\"file_name\": "
          + "\"a.png\", \"category\": \"rust\", \"isthing\": \(words.no), \"iscrowd\": \(words.yes)}]}]}"
      } else {
        "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}], \"categories\": [{\"id\": 1, \"name\": \"rust\", "
          + "\"isthing\": \(words.no)}], \"annotations\": [{\"image_id\": 1, \"category_id\": 1, \"iscrowd\": \(words.yes), "
          + "\"segmentation\": [[0, 0, 40, 0, 40, 10, 0, 10]]}]}"
      }
    let list = source.appendingPathComponent(format == "masks" ? "masks.json" : "instances.json")
    try Data(text.utf8).write(to: list)
    let read = try CrayonProcess.run("import", source.path, "--from", format, "--into", annotated.path)
    #expect(read.status == 0, "\(read.errors)")
    let segments = try Self.map(annotated).segments
    #expect(segments.map(\.category.isThing) == [false] && segments.map(\.isCrowd) == [true])
  }

  /// Files that are not what they should be: a sentence, and nothing is written.
  @Test(arguments: [
    ("labelme", "picture.json", "{\"shapes\": [", "picture.json cannot be read: it is not JSON"),
    (
      "labelme", "picture.json",
      "{\"imagePath\": \"x\", \"shapes\": [{\"label\": \"cup\", \"points\": [[1, 2]], \"shape_type\": \"point\"}]}",
      "shape 1: a point of 1 points covers nothing; make it a polygon"
    ),
    (
      "labelme", "picture.json",
      "{\"imagePath\": \"x\", \"imageWidth\": 41, \"imageHeight\": 30, \"shapes\": []}",
      "picture has 41×30 pixels, and its picture 40×30"
    ),
    (
      "labelme", "other.json", "{\"imagePath\": \"x\", \"shapes\": []}",
      "has no picture other; annotate it first"
    ),
    (
      "labelme", "picture.json", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
      "it is a pointer of Git LFS and not the file itself"
    ),
    (
      "labelme", "picture.json",
      "{\"imagePath\": \"picture.png\", \"shapes\": [{\"label\": \"\", \"points\": [[1, 2], [9, 2], [9, 9]]}]}",
      "picture.json cannot be read: a category that it uses has an empty name"
    ),
    // Its own new name is not one of the folder's, as the picture is refused.
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}], \"categories\": [{\"id\": 3, \"name\": \"napkin\"}, "
        + "{\"id\": 4, \"name\": \"\"}], \"annotations\": [{\"image_id\": 1, \"category_id\": 3, \"segmentation\": [[0, 0, 9, "
        + "0, 9, 9]]}, {\"image_id\": 1, \"category_id\": 4, \"segmentation\": [[20, 0, 29, 0, 29, 9]]}]}",
      "instances.json cannot be read: a category that it uses has an empty name"
    ),
    ("cvat", "annotations.xml", "<annotations>", "it is no XML"),
    (
      "cvat", "annotations.xml",
      "<annotations><image name=\"picture.png\" width=\"40\" height=\"30\"><mask label=\"cup\" rle=\"9, 9\" left=\"0\" "
        + "top=\"0\" width=\"3\" height=\"3\"/></image></annotations>",
      "line 1: a <mask> has no label, or its numbers are no area"
    ),
    ("cvat", "annotations.xml", "<x/>", "it has no <annotations>"),
    ("yolo-seg", "labels/picture.txt", "0 0.1 0.1 0.2\n", "there is no "),
    (
      "masks", "masks.json", "{\"images\": [{\"file_name\": \"picture.png\"}]}",
      "it lacks the key \"images.[0].width\""
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}], \"categories\": [], \"annotations\": [{\"image_id\": 1, "
        + "\"category_id\": 3, \"segmentation\": [[0, 0, 9, 0, 9, 9]]}]}", "shape 0: there is no category 3"
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}], \"categories\": [], \"annotations\": [{\"image_id\": 1, "
        + "\"category_id\": 3, \"segmentation\": {\"size\": [30, 40], \"counts\": [5]}}]}",
      "\"annotations.[0].segmentation.counts\""
    ),
    // Its instances would be lost, and its map be empty.
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}], \"categories\": [{\"id\": 3, \"name\": \"cup\"}], "
        + "\"annotations\": [{\"image_id\": \"1\", \"category_id\": 3, \"segmentation\": [[0, 0, 9, 0, 9, 9]]}]}",
      "1 of its annotations are of images that it does not list, such as 1"
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}, {\"id\": 1, \"file_name\": \"b.png\"}], "
        + "\"categories\": [], \"annotations\": []}", "two of its images have one id"
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\", \"width\": 30000, \"height\": 30000}], "
        + "\"categories\": [{\"id\": 3, \"name\": \"cup\"}], \"annotations\": [{\"image_id\": 1, \"category_id\": 3, "
        + "\"segmentation\": [[0, 0, 9, 0, 9, 9]]}]}", "has 30000×30000 pixels, and its picture 40×30"
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}], \"categories\": [{\"id\": 3, \"name\": \"cup\"}], "
        + "\"annotations\": [{\"image_id\": 1, \"category_id\": 3, \"segmentation\": [[0, 0, 60000, 0, 9, -60000]]}]}",
      "it has a corner far outside of the picture"
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.png\"}], \"categories\": [], \"annotations\": [{\"image_id\": 1, "
        + "\"category_id\": 3, \"segment_id\": 1.5, \"segmentation\": []}]}",
      "is too large, or not a whole one"
    ),
    (
      "cvat", "annotations.xml",
      "<annotations><image name=\"picture.png\" width=\"40\" height=\"30\"><mask label=\"cup\" rle=\"5, 9\" left=\"0\" "
        + "top=\"0\" width=\"30000\" height=\"30000\"/></image></annotations>",
      "line 1: a <mask> has no label, or its numbers are no area"
    ),
    // Another picture, whose name begins as this one's.
    (
      "labelme", "picture.v2.json", "{\"imagePath\": \"picture.v2.png\", \"shapes\": []}",
      "has no picture picture.v2;"
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"elsewhere/picture.png\"}], \"categories\": [], \"annotations\": []}",
      "has no picture elsewhere/picture.png;"
    ),
    (
      "coco-instances", "instances.json",
      "{\"images\": [{\"id\": 1, \"file_name\": \"picture.jpg\"}], \"categories\": [], \"annotations\": []}",
      "has no picture picture.jpg;"
    ),
  ])
  func refusals(format: String, file: String, content: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    let source = folder.file("source")
    let place = source.appendingPathComponent(file)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: place)
    func written() throws -> [Data] {
      try ["panoptic/picture.png", "panoptic.json"].map {
        try Data(contentsOf: annotated.appendingPathComponent($0))
      }
    }
    let before = try written()
    let result = try CrayonProcess.run("import", source.path, "--from", format, "--into", annotated.path)
    #expect(result.status == 1 && result.errors.contains(sentence), "\(result.status) \(result.errors)")
    #expect(!result.errors.contains("new categories"), "\(result.errors)")
    #expect(try written() == before)
  }

  @Test func usage() throws {
    let folder = try TemporaryFolder()
    let nothing = try CrayonProcess.run("export", folder.url.path, "--to", "cvat")
    #expect(
      nothing.status == 64 && nothing.errors.contains("was not written by crayon annotate"), "\(nothing.errors)"
    )
    let unknown = try CrayonProcess.run("export", folder.url.path, "--to", "voc")
    #expect(unknown.status == 64 && unknown.errors.contains("voc is no format; known are coco-instances, "))
  }

  /// As Windows ends its lines; and a mask as most programs write it.
  @Test func fromOtherMachines() throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    #expect(try CrayonProcess.run("export", annotated.path, "--to", "yolo-seg").status == 0)
    let labels = folder.file("annotations-yolo-seg/labels/picture.txt")
    let text = try String(contentsOf: labels, encoding: .utf8)
    try Data(text.replacingOccurrences(of: "\n", with: "\r\n").utf8).write(to: labels)
    let windows = try CrayonProcess.run(
      "import", folder.file("annotations-yolo-seg").path, "--from", "yolo-seg", "--into", annotated.path)
    #expect(windows.status == 0, "\(windows.errors)")

    let masks = folder.file("masks")
    try FileManager.default.createDirectory(at: masks, withIntermediateDirectories: true)
    let white = RunLengthMask(width: 40, height: 30, pixels: (0..<1200).map { $0 < 400 })
    try white.encodedPNG().write(to: masks.appendingPathComponent("rust.png"))
    try Data(
      ("{\"images\": [{\"file_name\": \"picture.png\", \"width\": 40, \"height\": 30, \"masks\": [{\"file_name\": "
        + "\"rust.png\", \"category\": \"rust\", \"isthing\": false}]}]}").utf8
    ).write(to: masks.appendingPathComponent("masks.json"))
    let read = try CrayonProcess.run("import", masks.path, "--from", "masks", "--into", annotated.path)
    #expect(read.status == 0, "\(read.errors)")
    let map = try Self.map(annotated)
    #expect(map.segments.map(\.category.name) == ["rust"] && map.segments.map(\.category.isThing) == [false])
    #expect(map.segments.first?.area == 400)
  }

  /// A list that leads out of the folder, or says one map twice: named, and nothing is written elsewhere.
  @Test func anExportStaysInItsFolder() throws {
    let folder = try TemporaryFolder()
    let annotated = try Self.annotated(in: folder)
    try FileManager.default.copyItem(
      at: annotated.appendingPathComponent("panoptic/picture.png"), to: folder.file("evil.png"))
    let list = annotated.appendingPathComponent("panoptic.json")
    let text = try String(contentsOf: list, encoding: .utf8)
    for (name, sentence) in [
      ("../../evil.png", "places its map outside of the folder"), ("picture.png", "lists its map twice"),
    ] {
      var dataset = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      var annotations = try #require(dataset["annotations"] as? [[String: Any]])
      annotations.append(annotations[0].merging(["file_name": name]) { $1 })
      dataset["annotations"] = annotations
      try JSONSerialization.data(withJSONObject: dataset).write(to: list)
      let result = try CrayonProcess.run(
        "export", annotated.path, "--to", "labelme", "--out", folder.file("out/\(name.count)").path)
      #expect(result.status == 1 && result.errors.contains(sentence), "\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("evil.json").path))
  }
}
