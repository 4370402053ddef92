import ArgumentParser
import CrayonCore
import Evaluation
import Foundation
import Pipeline
import Questions
import Terminal

/// Which pictures are asked about, and how.
struct RegionQuestionsOptions: ParsableArguments {
  @Option(help: "The dataset; each command says which formats it reads.", completion: .file())
  var data: String

  @Option(help: "The folder of the pictures (default: beside the dataset).", completion: .directory)
  var images: String?

  @Option(help: "Ask this many questions only.")
  var limit: Int?

  @OptionGroup var evaluation: EvaluationOptions

  mutating func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is 1 or more.") }
  }

  var file: URL { URL(fileURLWithPath: data) }

  /// Where pictures are.
  var folder: URL { images.map { URL(fileURLWithPath: $0) } ?? file.deletingLastPathComponent() }

  /// Asks, and prints the report.
  /// - Parameters:
  ///   - faults: what of the data can be no question
  ///   - prompt: as it was put into the questions; nil where the dataset's own wordings were asked
  func evaluate<Figures: RegionEvaluation>(
    _ task: String, _ samples: [RegionSample], faults: [EvaluationRun.Failure], prompt: String?,
    by _: Figures.Type
  ) throws {
    let samples = Array(samples.prefix(limit ?? .max))
    guard !samples.isEmpty else {
      EvaluationRun.Failure.name(faults)
      Console.message("error: \(file.path) has nothing to ask for \(task)")
      throw ExitStatus.wrongUsage
    }
    let sources = try otherSources(Figures.self)
    var run = try EvaluationRun(
      evaluation, task: task, pictures: Set(samples.map(\.image)),
      questions: samples.count * (1 + sources.count), faults: faults)
    var figures = Figures()
    var bySource = Dictionary(uniqueKeysWithValues: sources.map { ($0, Figures()) })
    for sample in samples {
      func ask(_ boxes: GroundingConfiguration.Boxes?) throws -> RegionAnswer? {
        let question = AskedQuestion(
          image: sample.image, text: sample.question, regions: sample.inputBoxes, boxes: boxes,
          truthFault: sample.fault)
        return try run.ask(question, text: \.reply.text).map {
          RegionAnswer(text: $0.answer, regions: $0.regions)
        }
      }
      guard let answer = try ask(nil) else { continue }
      figures.add(sample, answer)
      for source in sources { if let answer = try ask(source) { bySource[source]?.add(sample, answer) } }
    }
    let report = try RegionReport(
      task: task, data: try .init(file), questions: samples.count, prompt: prompt, run, figures: figures,
      bySource: Dictionary(uniqueKeysWithValues: bySource.map { ($0.key.rawValue, $0.value) }))
    if evaluation.json {
      try Console.json(report)
    } else {
      let rows = sources.compactMap { source in bySource[source].map { (source.rawValue, $0) } }
      print(Figures.table(rows + [(sources.isEmpty ? "" : "as shipped", figures)]))
      print("\n" + report.terms)
    }
    try run.finish()
  }

  /// Where boxes could come from as well: where answers take the map's segments, what the model's heads and what the words
  /// are worth alone.
  private func otherSources<Figures: RegionEvaluation>(
    _: Figures.Type
  ) throws -> [GroundingConfiguration.Boxes] {
    guard Figures.self is any PlaceEvaluation.Type, evaluation.controls.boxes == nil,
      case .pix2emb(let pix2emb) = try PipelineLibrary.pipeline(evaluation.pipeline).answering?.grounding,
      pix2emb.boxes == .segments
    else { return [] }
    return [.heads, .words]
  }

  /// The same for a file of expressions.
  func evaluateExpressions<Figures: RegionEvaluation>(
    _ task: String, prompt: String, by _: Figures.Type,
    faults: (ReferringFile) -> [String] = { _ in [] }, _ samples: (ReferringFile) -> [RegionSample]
  ) throws {
    try ExitStatus.reporting {
      let data = try ReferringFile(reading: file)
      let faults = (data.faults + faults(data)).map { EvaluationRun.Failure(ofData: $0) }
      try evaluate(task, samples(data), faults: faults, prompt: prompt, by: Figures.self)
    }
  }

  /// The same for a file of questions, in its own wordings, or for a COCO panoptic dataset.
  func evaluateClasses<Figures: RegionEvaluation>(
    _ task: String, prompt: String, by _: Figures.Type,
    own: ([QuestionRecord]) -> [RegionSample], made: (COCOPanoptic) throws -> [RegionSample]
  ) throws {
    try ExitStatus.reporting {
      if file.pathExtension == "jsonl" {
        let data = try QuestionFile(reading: file)
        let faults = EvaluationRun.Failure.ofLines(data.faults) { own([$0]).count }
        try evaluate(task, own(data.records), faults: faults, prompt: nil, by: Figures.self)
      } else {
        let dataset = try COCOPanoptic(readingJSON: file)
        let faults = try ClassQuestions.faults(in: dataset).map { EvaluationRun.Failure(ofData: $0) }
        try evaluate(task, made(dataset), faults: faults, prompt: prompt, by: Figures.self)
      }
    }
  }
}

struct EvaluateREC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rec",
    abstract: "Referring expressions: boxes right at an overlap above 0.5, and the mean overlap.",
    discussion: """
      The data is JSON lines as Shikra and NExT-Chat use them: img_path, expression, bbox [x0, y0, x1, y1] in pixels.
      An answer without a region finds nothing, and is counted as unparsed. Where answers take the map's segments, each
      question is asked three times: as shipped, with the boxes of the model's own heads, and with the segments that the
      words alone mean.

      Example:
        crayon eval rec --data refcoco_val.jsonl --images train2014
      """)

  @OptionGroup var questions: RegionQuestionsOptions

  @Option(help: "What is asked; <expr> stands for the expression.")
  var prompt = "Where is <expr>?"

  func validate() throws { try Prompts.check(prompt, holds: "<expr>") }

  func run() throws {
    try questions.evaluateExpressions("rec", prompt: prompt, by: LocatingEvaluation.self) {
      $0.locating(prompt: prompt, images: questions.folder)
    }
  }
}

struct EvaluateRES: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "res",
    abstract: "Referring segmentation: cumulative and mean overlap of masks, and precision at 0.5.",
    discussion: """
      The data is JSON lines as for rec, with mask (COCO polygons, or run lengths) and height and width. An answer
      without a mask has no pixel, and is counted as unparsed. Rows are those of rec.

      Example:
        crayon eval res --data refcoco_val.jsonl --images train2014
      """)

  @OptionGroup var questions: RegionQuestionsOptions

  @Option(help: "What is asked; <expr> stands for the expression.")
  var prompt = "Where is <expr>?"

  func validate() throws { try Prompts.check(prompt, holds: "<expr>") }

  func run() throws {
    try questions.evaluateExpressions("res", prompt: prompt, by: SegmentingEvaluation.self) { file in
      file.entries.filter { $0.mask == nil }.map { "\($0.image): “\($0.expressions[0])” has no mask" }
    } _: {
      $0.locating(prompt: prompt, images: questions.folder).filter { $0.mask != nil }
    }
  }
}

struct EvaluateRegionCaption: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "region-caption",
    abstract: "What is said of regions: exact match, CIDEr-D, and METEOR with exact words.",
    discussion: """
      The data is JSON lines as for rec; any of an entry's expressions is right. CIDEr-D is COCO's (n-grams up to 4,
      σ 6, times 10), rarity counted over the questions asked. METEOR is that of 2005 with exact words alone: no
      stems, synonyms or paraphrases, so it is lower than the Java program's. Words are in lower case, without marks.

      Example:
        crayon eval region-caption --data refcocog_val.jsonl --images train2014
      """)

  @OptionGroup var questions: RegionQuestionsOptions

  @Option(help: "What is asked; [1] stands for the region.")
  var prompt = "What is in [1]?"

  func validate() throws { try Prompts.check(prompt, holds: "[1]") }

  func run() throws {
    try questions.evaluateExpressions("region-caption", prompt: prompt, by: DescribingEvaluation.self) {
      $0.describing(prompt: prompt, images: questions.folder)
    }
  }
}

struct EvaluateC2B: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "c2b",
    abstract: "From classes to boxes: right at an overlap above 0.5, and the mean overlap.",
    discussion: """
      The data is a file of questions (.jsonl; those that ask where things are, in the file's words), or a COCO
      panoptic dataset (.json; every class of things of which a picture has one).

      Examples:
        crayon eval c2b --data scenes/questions.jsonl
        crayon eval c2b --data panoptic_val2017.json --images val2017
      """)

  @OptionGroup var questions: RegionQuestionsOptions

  @Option(help: "What is asked of a COCO panoptic dataset; <expr> stands for the class.")
  var prompt = "Where is <expr>?"

  func validate() throws { try Prompts.check(prompt, holds: "<expr>") }

  func run() throws {
    try questions.evaluateClasses("c2b", prompt: prompt, by: LocatingEvaluation.self) {
      ClassQuestions.locating($0, in: questions.folder)
    } made: {
      try ClassQuestions.locating($0, prompt: prompt, images: questions.folder)
    }
  }
}

struct EvaluateB2C: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "b2c",
    abstract: "From boxes to classes: exact match, CIDEr-D, and METEOR with exact words.",
    discussion: """
      The data is a file of questions (.jsonl; those that ask what is in a region, in the file's words), or a COCO
      panoptic dataset (.json; every thing). Articles, marks and case make no difference to an exact match. CIDEr-D
      and METEOR are as in region-caption.

      Examples:
        crayon eval b2c --data scenes/questions.jsonl
        crayon eval b2c --data panoptic_val2017.json --images val2017
      """)

  @OptionGroup var questions: RegionQuestionsOptions

  @Option(help: "What is asked of a COCO panoptic dataset; [1] stands for the box.")
  var prompt = "What is in [1]?"

  func validate() throws { try Prompts.check(prompt, holds: "[1]") }

  func run() throws {
    try questions.evaluateClasses("b2c", prompt: prompt, by: DescribingEvaluation.self) {
      ClassQuestions.describing($0, in: questions.folder)
    } made: {
      try ClassQuestions.describing($0, prompt: prompt, images: questions.folder)
    }
  }
}

private enum Prompts {
  static func check(_ prompt: String, holds mark: String) throws {
    guard prompt.contains(mark) else { throw ValidationError("--prompt holds \(mark).") }
  }
}
