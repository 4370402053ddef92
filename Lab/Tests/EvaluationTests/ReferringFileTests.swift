import CrayonCore
import Evaluation
import Foundation
import Questions
import TestSupport
import Testing

/// Datasets as people have them become questions.
@Suite struct ReferringFileTests {
  static func file(_ lines: String..., folder: borrowing TemporaryFolder) throws -> URL {
    let url = folder.file("data.jsonl")
    try Data(lines.joined(separator: "\n").utf8).write(to: url)
    return url
  }

  @Test func expressionsBecomeQuestions() throws {
    let folder = try TemporaryFolder()
    let file = try ReferringFile(
      reading: Self.file(
        #"{"img_path": "a.jpg", "expression": "the red cup", "bbox": [1, 2.5, 30, 40], "dataset_name": "refcoco"}"#,
        "",
        #"{"img_path": "b/c.jpg", "expressions": ["a dog", "brown dog"], "bbox": [0, 0, 2, 2], "height": 4, "width": 4, "mask": [[0, 0, 2, 0, 2, 2, 0, 2]]}"#,
        #"{"img_path": "d.jpg", "expression": "x", "bbox": [0, 0, 2, 2], "mask": {"size": [2, 2], "counts": [1, 2, 1]}}"#,
        folder: folder))
    let images = URL(fileURLWithPath: "/pictures")
    let samples = file.locating(prompt: "Where is <expr>?", images: images)
    #expect(samples.map { $0.question } == ["Where is the red cup?", "Where is a dog?", "Where is x?"])
    #expect(samples.map { $0.image.path } == ["/pictures/a.jpg", "/pictures/b/c.jpg", "/pictures/d.jpg"])
    #expect(samples[0].boxes == [PictureBox(x0: 1, y0: 2.5, x1: 30, y1: 40)] && samples[0].mask == nil)
    #expect(samples[1].mask?.area == 4 && samples[1].mask?.width == 4)
    #expect(samples[2].mask?.runs == [1, 2, 1])
    let described = file.describing(prompt: "What is in [1]?", images: images)
    #expect(described[1].references == ["a dog", "brown dog"])
    #expect(described[1].inputBoxes == [PictureBox(x0: 0, y0: 0, x1: 2, y1: 2)])
  }

  @Test(arguments: [
    (#"{"expression": "x", "bbox": [0, 0, 2, 2]}"#, "the key \"img_path\" is missing"),
    (#"{"img_path": "a", "bbox": [0, 0, 2, 2]}"#, "the value of \"expression\" is missing"),
    (
      #"{"img_path": "a", "expression": "x", "bbox": [0, 0, 2]}"#,
      "the value of \"bbox\" has 3 numbers, not four"
    ),
    (
      #"{"img_path": "a", "expression": "x", "bbox": [5, 0, 2, 2]}"#,
      "the value of \"bbox\" is a box without area"
    ),
    (
      #"{"img_path": "a", "expression": "x", "bbox": [0, 0, 2, 2], "mask": [[0, 0, 1, 1, 2, 2]]}"#,
      "the value of \"mask\" is a list of polygons, which needs \"height\" and \"width\" beside it"
    ),
    (
      #"{"img_path": "a", "expression": "x", "bbox": [0, 0, 2, 2], "height": 4, "width": 4, "mask": [[0, 0, 1e9, 1, 2, 2]]}"#,
      "the value of \"mask\" cannot be drawn: a corner of the mask's polygons lies beyond every picture"
    ),
  ])
  func damagedLinesAreNamed(line: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let good = #"{"img_path": "a.jpg", "expression": "x", "bbox": [0, 0, 1, 1]}"#
    let file = try Self.file(good, line, folder: folder)
    let error = #expect(throws: QuestionFileError.self) { try ReferringFile(reading: file) }
    #expect(error?.description == "\(file.path), line 2: \(sentence)")
  }

  @Test func aLineIsAnObject() throws {
    let folder = try TemporaryFolder()
    let file = try Self.file("[1]", folder: folder)
    let error = #expect(throws: QuestionFileError.self) { try ReferringFile(reading: file) }
    #expect(error?.description == "\(file.path), line 1 cannot be read: it is not an object with keys")
  }

  /// What of a mask lies outside would be cut off without a word.
  @Test(arguments: [
    ("[[0, 0, 8.5, 0, 8, 4]]", nil),
    ("[[0, 0, 10, 0, 8, 4]]", "reaches beyond the picture's 8×4 pixels"),
    ("[[0, 0, 8, 0, 8, 4], [2, 2, 2, 9, 6, 2]]", "reaches beyond the picture's 8×4 pixels"),
  ])
  func aMaskThatGoesOnOutsideIsLeftOut(mask: String, fault: String?) throws {
    let folder = try TemporaryFolder()
    let url = try Self.file(
      #"{"img_path": "a.jpg", "expression": "x", "bbox": [0, 0, 8, 4], "width": 8, "height": 4, "mask": \#(mask)}"#,
      folder: folder)
    let file = try ReferringFile(reading: url)
    #expect(file.entries.count == (fault == nil ? 1 : 0))
    let faults = [fault].compactMap { $0 }.map {
      "\(url.path), line 1: the value of \"mask\" \($0): the truth does not fit its picture"
    }
    #expect(file.faults == faults)
  }

  /// One place without an area is left out and named; the others are asked about.
  @Test(arguments: ["[5, 5, 5, 9]", "[5, 5, 9, 5]", "[0, 0, 0, 0]", "[5.0, 5, 5, 5]"])
  func aFlatBoxIsLeftOut(box: String) throws {
    let folder = try TemporaryFolder()
    let good = #"{"img_path": "a.jpg", "expression": "x", "bbox": [0, 0, 1, 1]}"#
    let url = try Self.file(
      good, #"{"img_path": "b.jpg", "expression": "y", "bbox": \#(box)}"#, good, folder: folder)
    let file = try ReferringFile(reading: url)
    #expect(file.entries.map(\.image) == ["a.jpg", "a.jpg"])
    #expect(file.faults == ["\(url.path), line 2: the value of \"bbox\" has no area"])
  }

  @Test func thingsThatCannotBeAskedAboutAreNamed() throws {
    let folder = try TemporaryFolder()
    let damaged = Self.dataset.replacingOccurrences(of: "[5, 5, 5, 5]", with: "[5, 5, 0, 5]")
      // In parts of the sides.
      .replacingOccurrences(
        of: "\"area\": 4, \"bbox\": [9, 9, 5, 5]", with: "\"area\": 99, \"bbox\": [0.2, 0.2, 0.6, 0.6]"
      )
      .replacingOccurrences(of: "\"category_id\": 47", with: "\"category_id\": 48")
    try Data(damaged.utf8).write(to: folder.file("panoptic.json"))
    let faults = try ClassQuestions.faults(in: COCOPanoptic(readingJSON: folder.file("panoptic.json")))
    #expect(
      faults == [
        "image 1: segment 1 has the category 48, which is not listed",
        "image 1: segment 2 has no box with an area",
        "image 1: segment 3 has 99 pixels, and its box has room for fewer",
      ])
    try Data(Self.dataset.utf8).write(to: folder.file("good.json"))
    #expect(try ClassQuestions.faults(in: COCOPanoptic(readingJSON: folder.file("good.json"))).isEmpty)
  }

  static let dataset = """
    {"images": [{"id": 1, "file_name": "1.jpg", "width": 64, "height": 64}],
     "annotations": [{"image_id": 1, "file_name": "1.png", "segments_info": [
       {"id": 1, "category_id": 47, "area": 4, "bbox": [1, 2, 3, 4], "iscrowd": 0},
       {"id": 2, "category_id": 18, "area": 4, "bbox": [5, 5, 5, 5], "iscrowd": 0},
       {"id": 3, "category_id": 18, "area": 4, "bbox": [9, 9, 5, 5], "iscrowd": 0},
       {"id": 4, "category_id": 44, "area": 4, "bbox": [9, 9, 5, 5], "iscrowd": 1},
       {"id": 5, "category_id": 193, "area": 4, "bbox": [0, 0, 64, 64], "iscrowd": 0}]}],
     "categories": [{"id": 18, "name": "dog", "isthing": 1}, {"id": 44, "name": "bottle", "isthing": 1},
       {"id": 47, "name": "cup", "isthing": 1}, {"id": 193, "name": "grass-merged", "isthing": 0}]}
    """

  /// One of a class, and no crowd, has one place; every thing has a class.
  @Test func classesAndBoxesOfAPanopticDataset() throws {
    let folder = try TemporaryFolder()
    try Data(Self.dataset.utf8).write(to: folder.file("panoptic.json"))
    let dataset = try COCOPanoptic(readingJSON: folder.file("panoptic.json"))
    let located = try ClassQuestions.locating(dataset, prompt: "Where is <expr>?", images: folder.url)
    #expect(located.map { $0.question } == ["Where is the cup?"])
    #expect(located[0].boxes == [PictureBox(x0: 1, y0: 2, x1: 4, y1: 6)])
    let described = try ClassQuestions.describing(dataset, prompt: "What is in [1]?", images: folder.url)
    #expect(described.map { $0.references } == [["a cup"], ["a dog"], ["a dog"]])
    #expect(described[1].inputBoxes == [PictureBox(x0: 5, y0: 5, x1: 10, y1: 10)])
  }

  @Test func classesAndBoxesOfAFileOfQuestions() throws {
    func question(_ family: QuestionFamily, regions: [Question.Region], input: [PixelBox]) -> Question {
      Question(
        family: family, wording: 1, isHeldOut: false, question: "\(family)?", answer: "A cup.",
        regions: regions,
        inputRegions: input)
    }
    let box = PixelBox(x0: 1, y0: 2, x1: 3, y1: 4)
    let record = QuestionRecord(
      id: 1, image: "images/1.png", map: "1.png", width: 8, height: 8, segments: [],
      questions: [
        question(.whereIs, regions: [.init(id: 1, box: box), .init(id: 2, box: box)], input: []),
        question(.whereIs, regions: [], input: []), question(.region, regions: [], input: [box]),
        question(.count, regions: [], input: []),
      ])
    let folder = URL(fileURLWithPath: "/scenes")
    let located = ClassQuestions.locating([record], in: folder)
    #expect(located.map { $0.boxes.count } == [2] && located[0].image.path == "/scenes/images/1.png")
    let described = ClassQuestions.describing([record], in: folder)
    #expect(described.map { $0.inputBoxes } == [[PictureBox(box)]] && described[0].references == ["A cup."])
  }

  /// A class of which one has a box, and others none or are a crowd, is not one thing.
  @Test(arguments: [
    "{\"id\": 6, \"category_id\": 47, \"area\": 4, \"iscrowd\": 0}",
    "{\"id\": 6, \"category_id\": 47, \"area\": 4, \"bbox\": [20, 20, 9, 9], \"iscrowd\": 1}",
  ])
  func oneAmongOthersIsNotAskedFor(other: String) throws {
    let folder = try TemporaryFolder()
    let text = Self.dataset.replacingOccurrences(
      of: "\"segments_info\": [", with: "\"segments_info\": [\(other),")
    try Data(text.utf8).write(to: folder.file("panoptic.json"))
    let dataset = try COCOPanoptic(readingJSON: folder.file("panoptic.json"))
    #expect(try ClassQuestions.locating(dataset, prompt: "Where is <expr>?", images: folder.url).isEmpty)
  }

  /// A mask without a pixel is a place that no answer can meet.
  @Test func anEmptyMaskIsLeftOut() throws {
    let folder = try TemporaryFolder()
    let start = #"{"img_path": "a.jpg", "expression": "x", "bbox": [0, 0, 1, 1], "width": 8, "height": 4"#
    let url = try Self.file(
      start + #", "mask": {"size": [4, 8], "counts": [32]}}"#,
      start + #", "mask": {"size": [4, 8], "counts": [0, 32]}}"#,
      folder: folder)
    let file = try ReferringFile(reading: url)
    #expect(file.entries.count == 1 && file.entries.first?.mask?.area == 32)
    #expect(file.faults == ["\(url.path), line 1: the value of \"mask\" has no pixel"])
  }
}
