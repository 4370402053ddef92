import AtomicFiles
import Evaluation
import Foundation
import Language
import Pipeline

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

  var task: String
  var data: Data
  var questions: Int
  /// nil where the dataset's own wordings were asked.
  var prompt: String?
  var decoding: Decoding
  var adapters: UsedGains
  var crayon: String
  /// nil for the pipeline's.
  var listing: String?
  /// The folder of the maps; nil for the segmenter's.
  var maps: String?
  /// Where boxes and masks come from; nil for the pipeline's way.
  var boxes: String?
  var pipeline: String
  var weights: [PipelineConfiguration.WeightsFile]
  /// Of answers as they are given.
  var figures: Figures
  /// The same where boxes and masks come from elsewhere; nil where that was not asked.
  var figures_by_source: [String: Figures]?
  /// What was not asked.
  var failures: [EvaluationRun.Failure]

  init(
    task: String, data: Data, questions: Int, prompt: String?, _ run: EvaluationRun, figures: Figures,
    bySource: [String: Figures]
  ) throws {
    let evaluator = run.evaluator
    let (options, configuration) = (evaluator.options, evaluator.configuration)
    let asked = options.controls.options(evaluator.pipeline)
    self.task = task
    self.data = data
    self.questions = questions
    self.prompt = prompt
    decoding = Decoding(asked.answer)
    adapters = .init(image: asked.imageGain, vl: asked.visualLanguageGain)
    crayon = options.crayon.rawValue
    listing = options.listing?.rawValue
    maps = options.panopticDir
    boxes = options.controls.boxes?.rawValue
    pipeline = configuration.name
    weights = try configuration.weightsFiles()
    self.figures = figures
    figures_by_source = bySource.isEmpty ? nil : bySource
    failures = run.failures
  }

  /// The same in words.
  var terms: String {
    let prompt = prompt.map { "prompt \"\($0)\"" } ?? "the file's own wordings"
    let way =
      decoding.temperature > 0
      ? "temperature \(decoding.temperature)"
      : decoding.beams > 1
        ? "\(decoding.beams) beams" : "greedy"
    return "\(questions) questions of \(data.file); \(prompt); \(way), at most \(decoding.max_tokens) tokens; "
      + (maps.map { "maps of \($0); " } ?? "")
      + "pipeline \(pipeline), \(weights.count) files (--json has their hashes)"
  }
}

/// How answers were made.
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

/// How strongly the two adapters of Dual QLoRA worked.
struct UsedGains: Encodable {
  var image: Float
  var vl: Float
}
