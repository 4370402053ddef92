import Checkpoints
import CrayonCore
import Foundation
import Language
import Tokenizers

/// Stage 6, loaded.
struct LoadedLanguage: Sendable {
  let configuration: LanguageConfiguration
  let pipeline: String
  let model: LanguageModel
  /// Changes with the weights, without their being read; nil for files that are too new to be sure of.
  let identity: String?

  /// The two adapters of Dual QLoRA, and the one by which layers take in crayon features.
  private static let image = "image"
  private static let visualLanguage = "vl"
  static let crayon = "crayon"

  /// - Parameter checkpoint: its own, where it is one that other stages share
  init(_ configuration: LanguageConfiguration, checkpoint: PublishedCheckpoint?, pipeline: String) throws {
    self.configuration = configuration
    self.pipeline = pipeline
    switch configuration.weights {
    case .gguf(let file, let adapters, let alpha):
      try Pipeline.require(file, of: "language model", in: pipeline)
      identity = DigestReceipt.identity(of: [file.path] + (adapters.map { [$0.path] } ?? []), under: "\(alpha)")
      let bare = try LanguageModel(gguf: file, template: .smolLM2)
      model =
        try adapters.map { adapters in
          try Pipeline.require(adapters, of: "adapters", in: pipeline)
          return try bare.replacing(try Self.attach(adapters, to: bare.decoder, alpha: alpha))
        } ?? bare
    case .collavo:
      let (checkpoint, file) = try Self.published(checkpoint, in: pipeline)
      let tokenizer = try SentencePieceBPE(
        model: file, special: ["[UNUSED_TOKEN_145]", "[UNUSED_TOKEN_146]"], isLegacy: false)
      try TokenizerNotes(folder: checkpoint.folder).behind(tokenizer)
      identity = DigestReceipt.identity(of: checkpoint.weights.checkpoint.files.map(\.path))
      model = try LanguageModel(
        try Decoder(collavo: checkpoint.folder.appendingPathComponent("config.json"), checkpoint.weights),
        tokenizer: tokenizer, template: .internLM2, name: checkpoint.folder.path)
    case .nextChat:
      let (checkpoint, tokenizer) = try Self.published(checkpoint, in: pipeline)
      identity = DigestReceipt.identity(of: checkpoint.weights.checkpoint.files.map(\.path))
      model = try LanguageModel(
        nextChat: checkpoint.folder.appendingPathComponent("config.json"), checkpoint.weights,
        vocabulary: tokenizer)
    }
  }

  /// The checkpoint that other stages share, and the tokenizer that lies beside it.
  private static func published(
    _ checkpoint: PublishedCheckpoint?, in pipeline: String
  ) throws -> (PublishedCheckpoint, tokenizer: URL) {
    guard let checkpoint else {
      throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: "language model")
    }
    let tokenizer = checkpoint.folder.appendingPathComponent("tokenizer.model")
    try Pipeline.require(tokenizer, of: "tokenizer", in: pipeline)
    return (checkpoint, tokenizer)
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

  /// Adapters that a request switches; all others always work.
  /// - Throws: ``PipelineError/noSuchAdapter(pipeline:name:known:)`` for a gain that is not 1 of an adapter that is
  ///   not there
  func gains(_ options: AskOptions, showsCrayon: Bool) throws -> AdapterGains {
    var gains: [String: Float] = [:]
    for name in model.decoder.adapterNames { gains[name] = 1 }
    for (name, gain) in [(Self.image, options.imageGain), (Self.visualLanguage, options.visualLanguageGain)]
    where gain != 1 {
      guard gains[name] != nil else {
        throw PipelineError.noSuchAdapter(pipeline: pipeline, name: name, known: model.decoder.adapterNames)
      }
      gains[name] = gain
    }
    if configuration.together == .mean, options.imageGain != 0, options.visualLanguageGain != 0 {
      for name in [Self.image, Self.visualLanguage] { gains[name]? /= 2 }
    }
    if !showsCrayon { gains[Self.crayon] = nil }
    return AdapterGains(gains)
  }
}
