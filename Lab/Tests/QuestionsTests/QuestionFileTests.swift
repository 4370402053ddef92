import CrayonCore
import Foundation
import Scenes
import TestSupport
import Testing

@testable import Questions

/// Files of questions are read back as they were written, and refused by line and key where they are wrong.
@Suite struct QuestionFileTests {
  static let line = """
    {"id": 17, "image": "images/000017.png", "map": "panoptic/000017.png", "width": 256, "height": 128, \
    "segments": [{"id": 4, "category": "cup", "number": 1, "box": [1, 2, 30, 40], "colour": "red"}], \
    "questions": [{"family": "where", "wording": 3, "held_out": false, "question": "Where is [1]?", \
    "answer": "The cup is at <at>.", "category": "cup", "regions": [{"id": 4, "box": [1, 2, 30, 40]}], \
    "input_regions": [[0, 0, 256, 128]]}, {"family": "count", "wording": 1, "held_out": true, \
    "question": "How many cups?", "answer": "There is 1 cup.", "value": "1"}]}
    """

  static func read(_ text: String) throws -> [QuestionRecord] {
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.file("questions.jsonl"))
    do {
      return try QuestionFile(reading: folder.file("questions.jsonl")).records
    } catch let error as QuestionFileError {
      throw error.renamed
    }
  }

  @Test func aLineIsRead() throws {
    let record = try #require(try Self.read(Self.line + "\n\n").first)
    #expect(record.id == 17 && record.image == "images/000017.png" && record.height == 128)
    #expect(
      record.segments[0].colour == "red" && record.segments[0].box == PixelBox(x0: 1, y0: 2, x1: 30, y1: 40))
    #expect(record.questions[0].family == .whereIs && record.questions[0].regions[0].id == 4)
    #expect(record.questions[1].isHeldOut && record.questions[1].regions.isEmpty)
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let map = try DrawnMap.table()
    let attributes: [Int32: SegmentAttributes] = [1: .init(colour: "red", distance: 3)]
    let questions = (0..<40).flatMap {
      QuestionGenerator().questions(about: map, attributes: attributes, count: 10, seed: 1_000_000 + $0)
    }
    let record = QuestionRecord(
      id: 5, image: nil, map: "panoptic/5.png", of: map, attributes: attributes, questions: questions)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(record), as: UTF8.self)
    #expect(text.contains("\"image\":null"))
    #expect(try Self.read(text) == [record])
    #expect(record.segments.map(\.number) == [1, 2, 3, 1, 1, 1])
  }

  @Test(arguments: [
    (
      "\"width\": 256", "\"width\": \"wide\"",
      "questions.jsonl, line 2: the value of \"width\" has the wrong type"
    ),
    ("\"width\": 256, ", "", "questions.jsonl, line 2: the key \"width\" is missing"),
    ("\"width\": 256", "\"width\": 0", "questions.jsonl, line 2: the value of \"width\" is no width"),
    (
      "\"height\": 128", "\"height\": 100000000000",
      "questions.jsonl, line 2: the value of \"height\" is no height"
    ),
    (
      "\"family\": \"count\"", "\"family\": \"poem\"",
      "questions.jsonl, line 2: the value of \"questions[1].family\" is not one that is known"
    ),
    (
      "\"id\": 4, \"category\"", "\"id\": 99999999999, \"category\"",
      "questions.jsonl, line 2: a number is too large, or not a whole one"
    ),
    (
      "\"id\": 4, \"category\"", "\"id\": 0, \"category\"",
      "questions.jsonl, line 2: the value of \"segments[0].id\" is not positive or stands twice"
    ),
    (
      "[1, 2, 30, 40], \"colour\"", "[1, 2, 30], \"colour\"",
      "questions.jsonl, line 2: the value of \"segments[0].box\" is not one that is known"
    ),
    (
      "[1, 2, 30, 40], \"colour\"", "[1, 2, 300, 40], \"colour\"",
      "questions.jsonl, line 2: the value of \"segments[0].box\" is not a box within the picture"
    ),
    (
      "{\"id\": 4, \"box\"", "{\"id\": 5, \"box\"",
      "questions.jsonl, line 2: the value of \"questions[0].regions[0].id\" is not the id of a segment"
    ),
    (
      "at <at>.", "here.",
      "questions.jsonl, line 2: the value of \"questions[0].answer\" has 0 places for 1 regions"
    ),
    (
      "Where is [1]?", "Where?",
      "questions.jsonl, line 2: the value of \"questions[0].question\" does not mention [1]"
    ),
    (
      "\"value\": \"1\"", "\"value\": \"many\"",
      "questions.jsonl, line 2: the value of \"questions[1].value\" is not a number of things"
    ),
    ("{\"id\": 17", "[17", "questions.jsonl, line 2 cannot be read: it is not JSON"),
    ("{\"id\": 17", "17, {\"id\": 17", "questions.jsonl, line 2 cannot be read: it is not JSON"),
    (
      "[1, 2, 30, 40], \"colour\"", "[30, 2, 1, 40], \"colour\"",
      "questions.jsonl, line 2: the value of \"segments[0].box\" is not a box within the picture"
    ),
  ])
  func faultsAreNamed(piece: String, replacement: String, message: String) throws {
    let damaged = Self.line.replacingOccurrences(of: piece, with: replacement)
    #expect(damaged != Self.line)
    let error = #expect(throws: QuestionFileError.self) { try Self.read(Self.line + "\n" + damaged) }
    #expect(error?.description == message)
  }

  /// A line that means a place without an area is left out and named; the others are asked.
  @Test(arguments: [
    ("[1, 2, 30, 40], \"colour\"", "[1, 2, 1, 40], \"colour\"", "segments[0].box"),
    (
      "\"regions\": [{\"id\": 4, \"box\": [1, 2, 30, 40]", "\"regions\": [{\"id\": 4, \"box\": [1, 2, 30, 2]",
      "questions[0].regions[0].box"
    ),
    ("[[0, 0, 256, 128]]", "[[256, 128, 256, 128]]", "questions[0].input_regions[0]"),
  ])
  func aFlatBoxIsLeftOut(piece: String, replacement: String, key: String) throws {
    let flat = Self.line.replacingOccurrences(of: piece, with: replacement)
    #expect(flat != Self.line)
    let folder = try TemporaryFolder()
    let url = folder.file("questions.jsonl")
    try Data("\(Self.line)\n\(flat)\n\(Self.line)".utf8).write(to: url)
    let file = try QuestionFile(reading: url)
    #expect(file.records.count == 2 && file.faults.map(\.record.id) == [17])
    #expect(file.faults.map(\.reason) == ["\(url.path), line 2: the value of \"\(key)\" has no area"])
  }

  @Test(arguments: ["\n \n", "\u{feff}", "\u{feff}\r\n"])
  func nothingToRead(text: String) throws {
    #expect(throws: QuestionFileError.empty(file: "questions.jsonl")) { try Self.read(text) }
    #expect(throws: QuestionFileError.unreadable(file: "/nowhere/q.jsonl")) {
      try QuestionFile(reading: URL(fileURLWithPath: "/nowhere/q.jsonl"))
    }
  }

  @Test func damagedFilesAreReadOrRefused() throws {
    let bytes = Array((Self.line + "\n" + Self.line).utf8)
    for seed in 0..<500 {
      let damaged = MutatedFile(bytes, donors: [bytes], seed: UInt64(seed)).bytes
      _ = try? Self.read(String(decoding: damaged, as: UTF8.self))
    }
  }
}

extension QuestionFileError {
  /// With the file's name alone, as temporary folders differ.
  fileprivate var renamed: QuestionFileError {
    func renamed(_ place: Place) -> Place { Place(file: "questions.jsonl", line: place.line) }
    return switch self {
    case .unreadable: .unreadable(file: "questions.jsonl")
    case .empty: .empty(file: "questions.jsonl")
    case .unreadableLine(let place, let reason): .unreadableLine(renamed(place), reason: reason)
    case .badNumber(let place): .badNumber(renamed(place))
    case .missingKey(let place, let key): .missingKey(renamed(place), key: key)
    case .wrongType(let place, let key): .wrongType(renamed(place), key: key)
    case .badValue(let place, let key, let reason): .badValue(renamed(place), key: key, reason: reason)
    }
  }
}
