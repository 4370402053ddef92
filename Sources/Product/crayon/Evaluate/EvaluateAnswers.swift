import ArgumentParser
import CrayonCore
import Evaluation
import Foundation
import Questions

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
  func evaluate<Figures: AnswerEvaluation>(by _: Figures.Type) throws {
    let file = URL(fileURLWithPath: data)
    let records = Array(try QuestionFile(reading: file).records.prefix(pictures ?? .max)).filter {
      $0.image != nil
    }
    guard !records.isEmpty else {
      Console.message("error: \(file.path) has questions on maps alone; an answer needs a picture")
      throw ExitStatus.wrongUsage
    }
    var evaluator = try evaluation.evaluator()
    var figures = Figures()
    var log = AnswerLog(path: evaluation.answers)
    let bar = ProgressBar(total: figures.total(records))
    try figures.evaluate(records, report: { bar.update(done: $0, kept: 0, failed: 0) }) { record, question in
      let image = file.deletingLastPathComponent().appendingPathComponent(record.image ?? "")
      let regions = question.inputRegions.map { PictureBox($0) }
      let answer = try evaluator.ask(question.question, of: image, regions: regions)
      let text = answer.reply.text { _ in Question.regionMark }
      try log.add(
        .init(image: image, to: question, text: text, regions: answer.regions.regions))
      return text
    }
    bar.finish()
    try log.write()
    if evaluation.json { try Console.json(figures) } else { print(figures.table) }
  }
}

struct EvaluateVQA: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vqa", abstract: "How many questions are answered exactly right, by family and by wording.",
    discussion: "Example:\n  crayon eval vqa --data scenes/questions.jsonl --panoptic-dir scenes/panoptic")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting { try questions.evaluate(by: VQAEvaluation.self) }
  }
}

struct EvaluatePOPE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pope",
    abstract: "Existence questions as POPE scores them: accuracy, precision, recall, F1, how often yes.",
    discussion: "Example:\n  crayon eval pope --data scenes/questions.jsonl")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting { try questions.evaluate(by: POPEEvaluation.self) }
  }
}

struct EvaluateCount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Counting questions: exactly right, within one, and how far off, by number.",
    discussion: "Example:\n  crayon eval count --data scenes/questions.jsonl --listing none")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting { try questions.evaluate(by: CountEvaluation.self) }
  }
}
