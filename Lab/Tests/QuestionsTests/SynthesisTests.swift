import CrayonCore
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Questions

/// Runs that make layouts with questions: the same files however often they are stopped.
@Suite struct SynthesisTests {
  static func plan(seed: UInt64 = 1, count: Int = 120, questions: Int = 3) throws -> SynthesisPlan {
    try SynthesisPlan(kind: .layouts, width: 32, height: 32, seed: seed, count: count, questions: questions)
  }

  @discardableResult
  static func run(
    _ plan: SynthesisPlan, into url: URL, jobs: Int = 2, isStopped: @Sendable () -> Bool = { false }
  ) throws -> Synthesis.Summary {
    let generator = try LayoutGenerator(width: plan.width, height: plan.height)
    let folder = try SynthesisFolder(opening: url, for: plan)
    return try Synthesis(plan, into: folder) { .init(map: try generator.layout(seed: $0)) }
      .run(jobs: jobs, isStopped: isStopped)
  }

  static func bytes(_ folder: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      var isFolder: ObjCBool = false
      let url = folder.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue {
        files[name] = try Data(contentsOf: url)
      }
    }
    return files
  }

  @Test func mapsAndQuestionsBelongTogether() throws {
    let folder = try TemporaryFolder()
    let summary = try Self.run(try Self.plan(seed: 999_001), into: folder.url)
    #expect(summary == Synthesis.Summary(made: 120, kept: 0, left: 0))
    let dataset = try COCOPanoptic(readingJSON: folder.file("panoptic.json"))
    let records = try QuestionFile(reading: folder.file("questions.jsonl")).records
    #expect(dataset.annotations.count == 120 && records.count == 120 && dataset.images.count == 120)
    let categories = try dataset.categoryTable()
    for (annotation, record) in zip(dataset.annotations, records) {
      let map = try PanopticMap(annotation, in: folder.file("panoptic"), categories: categories)
      #expect(record.map == "panoptic/" + annotation.file_name && record.image == nil)
      #expect(annotation.image_id == .number(record.id))
      #expect(map.segments.map(\.id) == record.segments.map(\.id))
      #expect(record.questions.count == 3)
    }
    #expect(records.map(\.id) == Array(999_001..<999_121))
  }

  @Test func aStoppedRunGoesOnAndEndsTheSame() throws {
    let whole = try TemporaryFolder()
    let parts = try TemporaryFolder()
    let plan = try Self.plan()
    try Self.run(plan, into: whole.url, jobs: 1)
    let asked = Atomic<Int>(0)
    // One job, so that it stops in the second part of 50 pictures.
    let stopped = try Self.run(plan, into: parts.url, jobs: 1) {
      asked.wrappingAdd(1, ordering: .relaxed).newValue > 70
    }
    #expect(stopped.left > 0 && stopped.made > 50)
    #expect(!FileManager.default.fileExists(atPath: parts.file("questions.jsonl").path))
    let rest = try Self.run(plan, into: parts.url, jobs: 2)
    #expect(rest == Synthesis.Summary(made: 70, kept: 50, left: 0))
    #expect(try Self.bytes(whole.url) == Self.bytes(parts.url))
    #expect(try Self.run(plan, into: parts.url) == Synthesis.Summary(made: 0, kept: 120, left: 0))
  }

  @Test func otherFoldersAreLeftAlone() throws {
    let folder = try TemporaryFolder()
    try Data("mine".utf8).write(to: folder.file("notes.txt"))
    #expect(throws: SynthesisError.notEmpty(folder: folder.url.path)) {
      try Self.run(try Self.plan(), into: folder.url)
    }
    let other = try TemporaryFolder()
    try Self.run(try Self.plan(count: 3), into: other.url)
    #expect(throws: SynthesisError.anotherRun(folder: other.url.path)) {
      try Self.run(try Self.plan(count: 4), into: other.url)
    }
  }

  @Test func evaluationSeedsAreKeptApart() throws {
    #expect(throws: SynthesisError.crossesIntoEvaluation(seed: 999_999, count: 2)) {
      try Self.plan(seed: 999_999, count: 2)
    }
    _ = try Self.plan(seed: 999_999, count: 1)
    _ = try Self.plan(seed: 1_000_000, count: 2)
    #expect(throws: SynthesisError.badCount(0)) { try Self.plan(count: 0) }
    #expect(throws: SynthesisError.badCount(2)) { try Self.plan(seed: .max, count: 2) }
  }

  @Test func aPictureThatFailsEndsTheRun() throws {
    struct Failure: Error {}
    let folder = try TemporaryFolder()
    let plan = try Self.plan()
    let synthesis = Synthesis(plan, into: try SynthesisFolder(opening: folder.url, for: plan)) { _ in
      throw Failure()
    }
    #expect(throws: Failure.self) { try synthesis.run(jobs: 2) }
  }

  @Test func questionsAboutMapsThatExist() throws {
    let folder = try TemporaryFolder()
    try Self.run(try Self.plan(count: 5), into: folder.url)
    let dataset = try COCOPanoptic(readingJSON: folder.file("panoptic.json"))
    let written = try MapQuestions.write(
      dataset, maps: folder.file("panoptic"), questions: 4, seed: 1_000_000, to: folder.file("more.jsonl"))
    #expect(throws: SynthesisError.crossesIntoEvaluation(seed: 999_996, count: 5)) {
      try MapQuestions.write(
        dataset, maps: folder.file("panoptic"), questions: 4, seed: 999_996, to: folder.file("mixed.jsonl"))
    }
    let records = try QuestionFile(reading: folder.file("more.jsonl")).records
    #expect(written == 20 && records.count == 5)
    #expect(records[0].image == "000001.png" && records[0].map == "000001.png")
  }
}
