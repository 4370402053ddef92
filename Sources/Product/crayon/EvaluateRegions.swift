import ArgumentParser
import CrayonCore
import CrayonPrompting
import Evaluation
import Foundation
import Language
import Pipeline
import Questions

/// Which pictures are asked about, and how.
struct RegionQuestionsOptions: ParsableArguments {
  @Option(help: "The dataset; each command says which formats it reads.", completion: .file())
  var data: String

  @Option(help: "The folder of the pictures (default: beside the dataset).", completion: .directory)
  var images: String?

  @Option(help: "A pipeline's name, or a YAML file.")
  var pipeline = PipelineLibrary.defaultName

  @Option(help: "Ask this many questions only.")
  var limit: Int?

  @Option(help: "What of the map the language model is shown: on, semantic (no numbers), off.")
  var crayon = LookOptions.Crayon.on

  @Option(help: "What is said of the map in words: full, names, none (default: the pipeline's).")
  var listing: ListingStyle?

  @OptionGroup var controls: AnswerControls

  @Flag(help: "Print everything as a JSON object.")
  var json = false

  mutating func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is 1 or more.") }
  }

  var file: URL { URL(fileURLWithPath: data) }

  /// Where pictures are.
  var folder: URL { images.map { URL(fileURLWithPath: $0) } ?? file.deletingLastPathComponent() }

  /// Asks, and prints the report.
  /// - Parameter prompt: as it was put into the questions; nil where the dataset's own wordings were asked
  func evaluate<Figures: RegionEvaluation>(
    _ task: String, _ samples: [RegionSample], prompt: String?, by _: Figures.Type
  ) throws {
    let samples = Array(samples.prefix(limit ?? .max))
    guard !samples.isEmpty else {
      Console.message("error: \(file.path) has nothing to ask for \(task)")
      throw ExitStatus.wrongUsage
    }
    let configuration = try PipelineLibrary.pipeline(pipeline)
    let pipeline = try Pipeline(configuration, cache: nil)
    var asker = PictureAsker(pipeline)
    var figures = Figures()
    let bar = ProgressBar(total: samples.count)
    for (index, sample) in samples.enumerated() {
      let answer = try asker.ask(
        sample.question, of: sample.image, options: controls.options(pipeline, regions: sample.inputBoxes)
      ) { LookOptions(crayon: crayon, listing: listing) }
      figures.add(sample, RegionAnswer(text: answer.reply.text, regions: answer.regions.regions))
      bar.update(done: index + 1, kept: 0, failed: 0)
    }
    bar.finish()
    let options = controls.options(pipeline)
    let report = RegionReport(
      task: task, data: try .init(file), questions: samples.count, prompt: prompt,
      decoding: .init(options.answer),
      adapters: .init(image: options.imageGain, vl: options.visualLanguageGain),
      crayon: crayon.rawValue, listing: listing?.rawValue, boxes: controls.boxes?.rawValue,
      pipeline: configuration.name,
      weights: try configuration.weightsFiles(), figures: figures)
    if json { return try Console.json(report) }
    print(figures.table)
    print("\n" + report.terms)
  }
}

/// Figures with all that they depend on.
struct RegionReport<Figures: RegionEvaluation>: Encodable {
  struct Data: Encodable {
    var file: String
    var sha256: String

    init(_ file: URL) throws {
      self.file = file.path
      sha256 = try FileDigest.sha256(of: file)
    }
  }

  struct Decoding: Encodable {
    var max_tokens: Int
    var temperature: Float
    var top_p: Float
    var seed: UInt64
    var beams: Int

    init(_ options: AnswerOptions) {
      max_tokens = options.limit
      temperature = options.sampling.temperature
      top_p = options.sampling.topP
      seed = options.sampling.seed
      beams = options.beams
    }
  }

  var task: String
  var data: Data
  var questions: Int
  /// nil where the dataset's own wordings were asked.
  var prompt: String?
  var decoding: Decoding
  var adapters: AnswerReport.Adapters
  var crayon: String
  /// nil for the pipeline's.
  var listing: String?
  /// Where boxes and masks come from; nil for the pipeline's way.
  var boxes: String?
  var pipeline: String
  var weights: [PipelineConfiguration.WeightsFile]
  var figures: Figures

  /// The same in words.
  var terms: String {
    let prompt = prompt.map { "prompt \"\($0)\"" } ?? "the file's own wordings"
    let way =
      decoding.temperature > 0
      ? "temperature \(decoding.temperature)"
      : decoding.beams > 1
        ? "\(decoding.beams) beams" : "greedy"
    return "\(questions) questions of \(data.file); \(prompt); \(way), at most \(decoding.max_tokens) tokens; "
      + "pipeline \(pipeline), \(weights.count) files (--json has their hashes)"
  }
}

struct EvaluateREC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rec",
    abstract: "Referring expressions: boxes right at an overlap above 0.5, and the mean overlap.",
    discussion: """
      The data is JSON lines as Shikra and NExT-Chat use them: img_path, expression, bbox [x0, y0, x1, y1] in pixels.
      An answer without a region finds nothing, and is counted as unparsed.

      Example:
        crayon eval rec --data refcoco_val.jsonl --images train2014
      """)

  @OptionGroup var questions: RegionQuestionsOptions

  @Option(help: "What is asked; <expr> stands for the expression.")
  var prompt = "Where is <expr>?"

  func validate() throws { try Prompts.check(prompt, holds: "<expr>") }

  func run() throws {
    try ExitStatus.reporting {
      let file = try ReferringFile(reading: questions.file)
      try questions.evaluate(
        "rec", file.locating(prompt: prompt, images: questions.folder), prompt: prompt,
        by: LocatingEvaluation.self)
    }
  }
}

struct EvaluateRES: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "res",
    abstract: "Referring segmentation: cumulative and mean overlap of masks, and precision at 0.5.",
    discussion: """
      The data is JSON lines as for rec, with mask (COCO polygons, or run lengths) and height and width. An answer
      without a mask has no pixel, and is counted as unparsed.

      Example:
        crayon eval res --data refcoco_val.jsonl --images train2014
      """)

  @OptionGroup var questions: RegionQuestionsOptions

  @Option(help: "What is asked; <expr> stands for the expression.")
  var prompt = "Where is <expr>?"

  func validate() throws { try Prompts.check(prompt, holds: "<expr>") }

  func run() throws {
    try ExitStatus.reporting {
      let file = try ReferringFile(reading: questions.file)
      let samples = file.locating(prompt: prompt, images: questions.folder).filter { $0.mask != nil }
      try questions.evaluate("res", samples, prompt: prompt, by: SegmentingEvaluation.self)
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
    try ExitStatus.reporting {
      let file = try ReferringFile(reading: questions.file)
      try questions.evaluate(
        "region-caption", file.describing(prompt: prompt, images: questions.folder), prompt: prompt,
        by: DescribingEvaluation.self)
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
    try ExitStatus.reporting {
      let (file, folder) = (questions.file, questions.folder)
      if file.pathExtension == "jsonl" {
        let samples = ClassQuestions.locating(try QuestionFile(reading: file).records, in: folder)
        return try questions.evaluate("c2b", samples, prompt: nil, by: LocatingEvaluation.self)
      }
      let samples = try ClassQuestions.locating(COCOPanoptic(readingJSON: file), prompt: prompt, images: folder)
      try questions.evaluate("c2b", samples, prompt: prompt, by: LocatingEvaluation.self)
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
    try ExitStatus.reporting {
      let (file, folder) = (questions.file, questions.folder)
      if file.pathExtension == "jsonl" {
        let samples = ClassQuestions.describing(try QuestionFile(reading: file).records, in: folder)
        return try questions.evaluate("b2c", samples, prompt: nil, by: DescribingEvaluation.self)
      }
      let samples = try ClassQuestions.describing(
        COCOPanoptic(readingJSON: file), prompt: prompt, images: folder)
      try questions.evaluate("b2c", samples, prompt: prompt, by: DescribingEvaluation.self)
    }
  }
}

private enum Prompts {
  static func check(_ prompt: String, holds mark: String) throws {
    guard prompt.contains(mark) else { throw ValidationError("--prompt holds \(mark).") }
  }
}
