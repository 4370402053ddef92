import ArgumentParser
import CrayonCore
import CrayonPrompting
import Evaluation
import Foundation
import Language
import Panoptic
import Pipeline
import Questions

/// Which questions are asked, and of what.
struct QuestionsOptions: ParsableArguments {
  @Option(help: "A file of questions (crayon synth makes them).", completion: .file(extensions: ["jsonl"]))
  var data: String

  @Option(help: "A pipeline's name, or a YAML file.")
  var pipeline = PipelineLibrary.defaultName

  @Option(
    help:
      "A folder of maps, named as the questions name them, in place of the segmenter's; panoptic.json beside it.",
    completion: .directory)
  var panopticDir: String?

  @Option(help: "Ask of this many pictures only.")
  var pictures: Int?

  @Option(help: "What of the map the language model is shown: on, semantic (no numbers), off.")
  var crayon = LookOptions.Crayon.on

  @Option(help: "What is said of the map in words: full, names, none (default: the pipeline's).")
  var listing: ListingStyle?

  @OptionGroup var controls: AnswerControls

  @Flag(help: "Print everything as a JSON object.")
  var json = false

  mutating func validate() throws {
    if let pictures, pictures < 1 { throw ValidationError("--pictures is 1 or more.") }
  }

  /// Asks all questions that an evaluation is concerned with; each picture is seen once.
  func run(_ evaluation: inout some AnswerEvaluation) throws {
    let file = URL(fileURLWithPath: data)
    let records = Array(try QuestionFile(reading: file).records.prefix(pictures ?? .max)).filter {
      $0.image != nil
    }
    guard !records.isEmpty else {
      Console.message("error: \(file.path) has questions on maps alone; an answer needs a picture")
      throw ExitStatus.wrongUsage
    }
    let maps = try panopticDir.map { try GivenDataset(URL(fileURLWithPath: $0)) }
    let pipeline = try Pipeline(PipelineLibrary.pipeline(pipeline), loadsSegmenter: maps == nil, cache: nil)
    var asker = PictureAsker(pipeline)
    let bar = ProgressBar(total: evaluation.total(records))
    try evaluation.evaluate(records, report: { bar.update(done: $0, kept: 0, failed: 0) }) { record, question in
      let image = file.deletingLastPathComponent().appendingPathComponent(record.image ?? "")
      let options = controls.options(pipeline, regions: question.inputRegions.map { PictureBox($0) })
      return try asker.ask(question.question, of: image, options: options) {
        LookOptions(crayon: crayon, listing: listing, map: try maps?.map(record))
      }.reply.text { _ in Question.regionMark }
    }
    bar.finish()
  }

  func report(_ evaluation: some Encodable, table: String) throws {
    if json { try Console.json(evaluation) } else { print(table) }
  }
}

/// The maps of a dataset in the COCO panoptic format: a folder, and beside it the JSON of the same name.
private struct GivenDataset {
  private let folder: URL
  private let categories: CategoryTable
  private let annotations: [String: COCOPanoptic.Annotation]
  private let json: URL

  init(_ folder: URL) throws {
    self.folder = folder
    json = folder.deletingLastPathComponent().appendingPathComponent(folder.lastPathComponent + ".json")
    let dataset = try COCOPanoptic(readingJSON: json)
    categories = try dataset.categoryTable()
    annotations = Dictionary(
      dataset.annotations.map { (Self.name($0.file_name), $0) }, uniquingKeysWith: { first, _ in first })
  }

  func map(_ record: QuestionRecord) throws -> PrecomputedSegmenter {
    guard let annotation = annotations[Self.name(record.map)] else {
      throw COCOPanopticError.noAnnotation(file: json.path, map: record.map)
    }
    let map = try PanopticMap(annotation, in: folder, categories: categories)
    return PrecomputedSegmenter(map, name: record.map, categories: categories)
  }

  private static func name(_ path: String) -> String { (path as NSString).lastPathComponent }
}

struct EvaluateVQA: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vqa", abstract: "How many questions are answered exactly right, by family and by wording.",
    discussion: "Example:\n  crayon eval vqa --data scenes/questions.jsonl --panoptic-dir scenes/panoptic")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting {
      var evaluation = VQAEvaluation()
      try questions.run(&evaluation)
      try questions.report(evaluation, table: evaluation.table)
    }
  }
}

struct EvaluatePOPE: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pope",
    abstract: "Existence questions as POPE scores them: accuracy, precision, recall, F1, how often yes.",
    discussion: "Example:\n  crayon eval pope --data scenes/questions.jsonl")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting {
      var evaluation = POPEEvaluation()
      try questions.run(&evaluation)
      try questions.report(evaluation, table: evaluation.table)
    }
  }
}

struct EvaluateCount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Counting questions: exactly right, within one, and how far off, by number.",
    discussion: "Example:\n  crayon eval count --data scenes/questions.jsonl --listing none")

  @OptionGroup var questions: QuestionsOptions

  func run() throws {
    try ExitStatus.reporting {
      var evaluation = CountEvaluation()
      try questions.run(&evaluation)
      try questions.report(evaluation, table: evaluation.table)
    }
  }
}
