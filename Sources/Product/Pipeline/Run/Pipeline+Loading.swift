import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Fusion
import Language
import Panoptic
import Vision

extension Pipeline {
  /// Loads every stage of a pipeline.
  /// - Parameters:
  ///   - loadsSegmenter: false where every picture comes with its map (``LookOptions/map``)
  ///   - cache: nil to do every stage's work anew
  /// - Throws: ``PipelineError``, or the errors of a stage whose weights are missing or bad
  public init(
    _ configuration: PipelineConfiguration, loadsSegmenter: Bool = true, cache: StageCache? = .standard
  ) throws {
    guard let answering = configuration.answering else {
      throw PipelineError.cannotAnswer(pipeline: configuration.name)
    }
    let name = configuration.name
    self.configuration = configuration
    self.cache = cache
    segmenter = loadsSegmenter ? try LoadedSegmenter(configuration) : nil
    language = try LoadedLanguage(answering.language, pipeline: name)
    let decoder = language.model.decoder
    prompting = try LoadedPrompting(answering.crayon, width: decoder.width, pipeline: name)
    vision = try LoadedVision(
      answering.vision, width: decoder.width, grid: answering.crayon.grid, pipeline: name)
    fuser = try Fuser(
      template: answering.fusion.template, addsCrayon: answering.fusion.crayon == .tokens, embedder: decoder,
      tokenizer: language.model.tokenizer)
    let model = language.model
    grounding = try answering.grounding.map { try LoadedGrounding($0, language: model, pipeline: name) }
  }

  /// - Throws: ``PipelineError/missingFile(pipeline:stage:path:)``
  static func require(_ url: URL, of stage: String, in pipeline: String) throws {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw PipelineError.missingFile(pipeline: pipeline, stage: stage, path: url.path)
    }
  }
}

extension LoadedPrompting {
  init(_ configuration: CrayonConfiguration, width: Int, pipeline: String) throws {
    try Pipeline.require(configuration.weights, of: "crayon", in: pipeline)
    let weights = WeightReader(try Checkpoint(file: configuration.weights))
    self.configuration = configuration
    embedder = try CrayonEmbedder(
      weights, names: .pocket, vocabulary: CategoryTable.coco.categories.count, width: width)
    try weights.finish()
  }
}

extension LoadedLanguage {
  init(_ configuration: LanguageConfiguration, pipeline: String) throws {
    try Pipeline.require(configuration.weights, of: "language model", in: pipeline)
    self.configuration = configuration
    self.pipeline = pipeline
    var model = try LanguageModel(gguf: configuration.weights, template: .smolLM2)
    if let adapters = configuration.adapters {
      try Pipeline.require(adapters, of: "adapters", in: pipeline)
      model = try model.replacing(try Self.attach(adapters, to: model.decoder, alpha: configuration.alpha))
    }
    self.model = model
  }

  /// The adapters of a file: the first part of a tensor's name is its adapter.
  private static func attach(_ file: URL, to decoder: Decoder, alpha: Float) throws -> Decoder {
    let checkpoint = try Checkpoint(file: file)
    let names = Set(checkpoint.names.compactMap { $0.split(separator: ".").first.map(String.init) })
    return try names.sorted().reduce(decoder) { decoder, name in
      try decoder.attaching(
        adapter: name, checkpoint, prefix: name + ".", scale: { alpha / Float($0) },
        scope: name == crayon ? AdapterScope(tokens: .image, input: .crayon) : AdapterScope())
    }
  }
}
