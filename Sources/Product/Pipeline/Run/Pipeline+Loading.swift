import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Fusion
import Grounding
public import Imaging
import Language
public import Panoptic
import Tensors
import Tokenizers

extension Pipeline {
  /// Builds every stage of a pipeline.
  /// - Parameters:
  ///   - configuration: of a pipeline that answers questions
  ///   - makesMaps: false where every picture comes with its map (``LookOptions/map``), and the segmenter need not be there
  ///   - cache: nil to do every stage's work anew
  ///   - mostPixels: of a picture that is decoded
  /// - Throws: ``PipelineError``, or the errors of a stage whose weights are missing or bad
  public init(
    _ configuration: PipelineConfiguration, makesMaps: Bool = true, cache: StageCache? = .standard,
    mostPixels: Int = ImageDecoder.mostPixels
  ) throws {
    self = try Precision.$current.withValue(configuration.precision) {
      try Pipeline(building: configuration, makesMaps: makesMaps, cache: cache, mostPixels: mostPixels)
    }
  }

  private init(
    building configuration: PipelineConfiguration, makesMaps: Bool, cache: StageCache?, mostPixels: Int
  ) throws {
    guard let answering = configuration.answering else {
      throw PipelineError.cannotAnswer(pipeline: configuration.name)
    }
    try answering.requireAnsweredTriggers(of: configuration)
    let name = configuration.name
    self.configuration = configuration
    self.answering = answering
    self.cache = cache
    decoder = ImageDecoder(mostPixels: mostPixels)
    let segmenter = makesMaps ? try Segmenter(configuration) : nil
    self.segmenter = segmenter
    let checkpoint = try answering.language.checkpoint.map { shared in
      try Self.loading(shared.folder, in: name) {
        try PublishedCheckpoint(folder: shared.folder, of: shared.family, pipeline: name)
      }
    }
    let builder = StageBuilder(pipeline: name, checkpoint: checkpoint)
    languageIdentity = builder.languageIdentity(answering.language)
    (language, prompting, vision, grounding) = try Self.loading(
      checkpoint?.folder ?? configuration.file, in: name
    ) {
      let language = try builder.language(answering.language)
      let width = language.decoder.width
      let prompting = Prompting(
        configuration: answering.crayon, embedder: try builder.crayon(answering.crayon, width: width),
        positions: language.decoder.configuration.contextLength)
      let vision = try builder.vision(answering.vision, width: width, grid: answering.crayon.grid)
      let grounding = try answering.grounding.map {
        try builder.grounding($0, language: language) { features in
          configuration.segmenter.isNetwork(of: features) ? segmenter?.detector : nil
        }
      }
      try checkpoint?.weights.finish()
      return (language, prompting, vision, grounding)
    }
    fuser = try builder.fuser(answering.fusion, language: language)
  }

  /// Loads everything that a pipeline names, whether or not it answers: what shows that its files are whole.
  /// - Returns: the segmenter's network
  /// - Throws: what ``init(_:makesMaps:cache:mostPixels:)`` and ``load()`` throw
  public static func loadAll(of configuration: PipelineConfiguration) throws -> any PanopticSegmenter {
    let network = try Segmenter(configuration).network()
    if configuration.answering != nil { try Pipeline(configuration, makesMaps: false, cache: nil).load() }
    return network
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
    } catch
      where error is CheckpointError || error is ConfigurationError || error is TokenizerError
      || (error as? LanguageError)?.isAboutTheModel == true
    {
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

/// Builds stages as a pipeline's file says: out of files of their own (``Pocket``), or out of the checkpoint that several
/// have their weights in (``PublishedCheckpoint``).
struct StageBuilder {
  /// The pipeline's name, for messages.
  let pipeline: String
  /// The language model's, where it is one that other stages share.
  let checkpoint: PublishedCheckpoint?

  private var pocket: Pocket { Pocket(pipeline: pipeline) }

  private func checkpoint(for stage: String) throws -> PublishedCheckpoint {
    guard let checkpoint else { throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: stage) }
    return checkpoint
  }

  func language(_ configuration: LanguageConfiguration) throws -> LanguageModel {
    switch configuration.weights {
    case .gguf(let file, let adapters, let alpha):
      try pocket.language(file, adapters: adapters, alpha: alpha)
    case .collavo: try checkpoint(for: "language model").collavo()
    case .nextChat: try checkpoint(for: "language model").nextChat()
    }
  }

  /// Changes with the language model's weights and its configuration; nil for files that are too new to be sure of.
  func languageIdentity(_ configuration: LanguageConfiguration) -> String? {
    switch configuration.weights {
    case .gguf(let file, let adapters, let alpha):
      DigestReceipt.identity(of: [file.path] + (adapters.map { [$0.path] } ?? []), under: "\(alpha)")
    case .collavo, .nextChat:
      checkpoint.flatMap { checkpoint in
        DigestReceipt.identity(
          of: checkpoint.weights.checkpoint.files.map(\.path)
            + [checkpoint.folder.appendingPathComponent("config.json").path])
      }
    }
  }

  /// - Parameter width: the language model's
  /// - Returns: nil where the model is given the map in words alone
  func crayon(_ configuration: CrayonConfiguration, width: Int) throws -> CrayonEmbedder? {
    switch configuration.weights {
    case .file(let file): try pocket.crayon(file, width: width)
    case .checkpoint: try checkpoint(for: "crayon").crayon(width: width)
    case .none: nil
    }
  }

  /// - Parameters:
  ///   - width: the language model's
  ///   - grid: the crayon's
  func vision(_ configuration: VisionConfiguration, width: Int, grid: GridSize) throws -> VisionModel {
    switch configuration.weights {
    case .folder(let folder, let connector):
      try pocket.vision(folder, connector: connector, configuration, width: width, grid: grid)
    case .checkpoint(let layout, let file):
      try checkpoint(for: "vision tower").vision(
        layout, configuration: file, configuration, width: width, grid: grid)
    }
  }

  /// - Throws: ``PipelineError/noSuchToken(pipeline:name:)`` or `FusionError` where the vocabulary lacks a token that the
  ///   template needs
  func fuser(_ configuration: FusionConfiguration, language: LanguageModel) throws -> Fuser {
    let stops = configuration.template.stopTokens
    // Without one, no answer would ever end.
    guard stops.contains(where: { language.tokenizer.id(of: $0) != nil }) else {
      throw PipelineError.noSuchToken(pipeline: pipeline, name: stops.joined(separator: " or "))
    }
    return try Fuser(
      template: configuration.template, addsCrayon: configuration.crayon == .tokens,
      embedder: language.decoder, tokenizer: language.tokenizer)
  }

  /// - Parameter detector: what a folder of features holds, if the pipeline has that already
  func grounding(
    _ configuration: GroundingConfiguration, language: LanguageModel,
    detector: (URL) -> OnDemand<PanopticDetector>?
  ) throws -> any AnswerGrounding {
    let width = language.decoder.width
    switch configuration {
    case .pix2emb(let pix2emb):
      let built =
        switch pix2emb.weights {
        case .file(let file, let features):
          try pocket.grounding(file, features: features, detector: detector(features), width: width)
        case .checkpoint: try checkpoint(for: "grounding").grounding(width: width)
        }
      return try Pix2Emb(pix2emb, built, language: language, pipeline: pipeline)
    case .map(let folder):
      return MapGrounding(
        sam: try folder.map { folder in
          try Pipeline.require(folder.appendingPathComponent("config.json"), of: "SAM", in: pipeline)
          return try Pipeline.loading(folder, in: pipeline) { try SAM(folder: folder) }
        })
    }
  }
}
