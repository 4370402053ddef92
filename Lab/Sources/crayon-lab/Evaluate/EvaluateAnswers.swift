import ArgumentParser
import CrayonCore
import Evaluation
import Foundation
import Questions
import Terminal

/// Which questions are asked, and of what.
struct QuestionsOptions: ParsableArguments {
  @Option(help: "A file of questions (crayon synth makes them).", completion: .file(extensions: ["jsonl"]))
  var data: String

  @Option(help: "Ask of this many pictures only.")
  var pictures: Int?

  @OptionGroup var evaluation: EvaluationOptions

  mutating func validate() throws {
    if let pictures, pictures < 1 { throw ValidationError("--pictures is 1 or more.") }
  }

  /// Asks all questions that the figures are concerned with, and prints them.
  func evaluate<Figures: AnswerEvaluation>(_ task: String, by _: Figures.Type) throws {
    let file = URL(fileURLWithPath: data)
    let data = try QuestionFile(reading: file)
    let all = data.records.prefix(pictures ?? .max)
    let records = all.filter { $0.image != nil }
    var figures = Figures()
    let mapsAlone = all.filter { $0.image == nil }.map { record in
      QuestionFile.Fault(
        record: record,
        reason: "\(file.path): \(record.map): its questions are on a map alone; an answer needs a picture")
    }
    let faults = EvaluationRun.Failure.ofLines(data.faults + mapsAlone) { figures.total([$0]) }
    guard figures.total(records) > 0 else {
      EvaluationRun.Failure.name(faults)
      Console.message("error: \(file.path) has nothing to ask for \(task)")
      throw ExitStatus.wrongUsage
    }
    let folder = file.deletingLastPathComponent()
    func image(_ record: QuestionRecord) -> URL { folder.existing(record.image ?? "") }
    var run = try EvaluationRun(
      evaluation, task: task, pictures: Set(records.map(image)), questions: figures.total(records),
      faults: faults)
    try figures.evaluate(records) { record, question in
      let asking = AskedQuestion(
        image: image(record), text: question.question, regions: question.inputRegions.map { PictureBox($0) },
        truthFault: record.fault)
      return try run.ask(asking, judging: question) { $0.reply.text { _ in Question.regionMark } }.map {
        RegionAnswer(text: $0.answer, regions: $0.regions)
      }
    }
    let report = Report(figures: figures, failures: run.failures)
    if evaluation.json { try Console.json(report) } else { print(figures.table) }
    try run.finish()
  }

  /// The figures, and what was not asked.
  private struct Report<Figures: AnswerEvaluation>: Encodable {
    var figures: Figures
    var failures: [EvaluationRun.Failure]

    private enum Key: CodingKey { case failures }

    func encode(to encoder: any Encoder) throws {
      try figures.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(failures, forKey: .failures)
    }
  }
}

struct EvaluateVQA: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vqa", abstract: "How many questions are answered right, by family and by wording.",
    discussion: """
      An answer that has to point at places is right where its words are and each of its boxes overlaps the true one by
      more than one half; beside it is how often the words alone are. Lists and descriptions are also taken apart: how many
      of the things that are said are there, in that number, and how many of those that are there are said.

      Example:
        crayon eval vqa --data scenes/questions.jsonl --panoptic-dir scenes/panoptic
      """)

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting { try questions.evaluate("vqa", by: VQAEvaluation.self) }
  }
}

struct EvaluatePOPE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pope",
    abstract: "Existence questions as POPE scores them: accuracy, precision, recall, F1, how often yes.",
    discussion: "Example:\n  crayon eval pope --data scenes/questions.jsonl")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting { try questions.evaluate("pope", by: POPEEvaluation.self) }
  }
}

struct EvaluateCount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Counting questions: exactly right, within one, and how far off, by number.",
    discussion: "Example:\n  crayon eval count --data scenes/questions.jsonl --listing none")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting { try questions.evaluate("count", by: CountEvaluation.self) }
  }
}
