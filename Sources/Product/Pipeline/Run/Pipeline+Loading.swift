import Checkpoints
import CrayonCore
import Foundation
import Fusion
public import Imaging
import Tensors
import Tokenizers

extension Pipeline {
  /// Loads every stage of a pipeline.
  /// - Parameters:
  ///   - loadsSegmenter: false where every picture comes with its map (``LookOptions/map``)
  ///   - cache: nil to do every stage's work anew
  ///   - mostPixels: of a picture that is decoded
  /// - Throws: ``PipelineError``, or the errors of a stage whose weights are missing or bad
  public init(
    _ configuration: PipelineConfiguration, loadsSegmenter: Bool = true, cache: StageCache? = .standard,
    mostPixels: Int = ImageDecoder.mostPixels
  ) throws {
    self = try Precision.$current.withValue(configuration.precision) {
      try Pipeline(
        loading: configuration, loadsSegmenter: loadsSegmenter, cache: cache, mostPixels: mostPixels)
    }
  }

  private init(
    loading configuration: PipelineConfiguration, loadsSegmenter: Bool, cache: StageCache?, mostPixels: Int
  ) throws {
    guard let answering = configuration.answering else {
      throw PipelineError.cannotAnswer(pipeline: configuration.name)
    }
    try answering.requireAnsweredTriggers(of: configuration)
    let name = configuration.name
    self.configuration = configuration
    self.cache = cache
    decoder = ImageDecoder(mostPixels: mostPixels)
    let segmenter = loadsSegmenter ? try LoadedSegmenter(configuration) : nil
    self.segmenter = segmenter
    categories = segmenter?.segmenter.categories ?? .coco
    let checkpoint = try answering.language.checkpoint.map { shared in
      try Self.loading(shared.folder, in: name) {
        try PublishedCheckpoint(
          folder: shared.folder, of: shared.family, stage: "language model", pipeline: name)
      }
    }
    (language, prompting, vision, grounding) = try Self.loading(
      checkpoint?.folder ?? configuration.file, in: name
    ) {
      let language = try LoadedLanguage(answering.language, checkpoint: checkpoint, pipeline: name)
      let width = language.model.decoder.width
      let prompting = try LoadedPrompting(
        answering.crayon, checkpoint: checkpoint, width: width, pipeline: name)
      let vision = try LoadedVision(
        answering.vision, checkpoint: checkpoint, width: width, grid: answering.crayon.grid, pipeline: name)
      let grounding = try answering.grounding.map {
        try LoadedGrounding(
          $0, checkpoint: checkpoint, language: language.model,
          detector: { configuration.segmenter.isNetwork(of: $0) ? segmenter?.detector : nil }, pipeline: name)
      }
      try checkpoint?.weights.finish()
      return (language, prompting, vision, grounding)
    }
    let model = language.model
    let stops = answering.fusion.template.stopTokens
    // Without one, no answer would ever end.
    guard stops.contains(where: { model.tokenizer.id(of: $0) != nil }) else {
      throw PipelineError.noSuchToken(pipeline: name, name: stops.joined(separator: " or "))
    }
    fuser = try Fuser(
      template: answering.fusion.template, addsCrayon: answering.fusion.crayon == .tokens,
      embedder: model.decoder, tokenizer: model.tokenizer)
  }

  /// - Throws: ``PipelineError/missingFile(pipeline:stage:path:remedy:)``
  static func require(_ url: URL, of stage: String, in pipeline: String) throws {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw PipelineError.missingFile(
        pipeline: pipeline, stage: stage, path: url.path,
        remedy: ModelCatalogue.remedy(for: url, pipeline: pipeline))
    }
  }

  /// Loads what is in a folder; what is wrong there is said together with what to do where it is one of the models
  /// folder.
  static func loading<Result>(_ folder: URL, in pipeline: String, _ body: () throws -> Result) throws -> Result
  {
    do {
      return try body()
    } catch  where error is CheckpointError || error is ConfigurationError || error is TokenizerError {
      guard folder.path.hasPrefix(ModelsFolder.url.path + "/") else { throw error }
      throw PipelineError.damagedModel(
        pipeline: pipeline, fault: "\(error)", remedy: ModelCatalogue.remedy(for: folder, pipeline: pipeline))
    }
  }
}

extension LanguageConfiguration {
  /// The folder of a checkpoint that other stages have their weights in too, and what it should hold.
  var checkpoint: (folder: URL, family: ModelFamily)? {
    switch weights {
    case .gguf: nil
    case .collavo(let folder): (folder, .collavo)
    case .nextChat(let folder): (folder, .nextChat)
    }
  }
}

/// A folder with a checkpoint as its authors publish it, which several stages have their weights in.
struct PublishedCheckpoint: Sendable {
  let folder: URL
  /// Counts what the stages take; whoever loads them all finishes it.
  let weights: WeightReader

  /// - Throws: ``PipelineError/missingFile(pipeline:stage:path:remedy:)`` or ``PipelineError/anotherModel(_:)``, or
  ///   `CheckpointError`
  init(folder: URL, of family: ModelFamily, stage: String, pipeline: String) throws {
    try Pipeline.require(folder.appendingPathComponent("config.json"), of: stage, in: pipeline)
    let checkpoint = try Checkpoint(folder: folder)
    try family.require(checkpoint, for: stage, of: pipeline)
    self.folder = folder
    weights = WeightReader(checkpoint)
  }

  /// - Parameter weights: a checkpoint that is known to be the right one
  init(folder: URL, _ weights: WeightReader) {
    self.folder = folder
    self.weights = weights
  }
}
