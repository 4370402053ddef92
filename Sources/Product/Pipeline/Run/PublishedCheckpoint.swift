import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Grounding
import Language
import Layers
import Panoptic
import Tokenizers
import Vision

/// A folder with a checkpoint as its authors publish it, and how the stages of CoLLaVO and NExT-Chat are built out of it:
/// the language model with its tokenizer, the vision tower, connectors, tables and heads.
struct PublishedCheckpoint: Sendable {
  let folder: URL
  /// Counts what the stages take; whoever builds them all finishes it.
  let weights: WeightReader
  /// The pipeline's name, for messages.
  let pipeline: String

  /// - Throws: ``PipelineError/missingFile(pipeline:stage:path:remedy:)`` or ``PipelineError/anotherModel(_:)``, or
  ///   `CheckpointError`
  init(folder: URL, of family: ModelFamily, pipeline: String) throws {
    let stage = "language model"
    try Pipeline.require(folder.appendingPathComponent("config.json"), of: stage, in: pipeline)
    let checkpoint = try Checkpoint(folder: folder)
    try family.require(checkpoint, for: stage, of: pipeline)
    self.init(folder: folder, WeightReader(checkpoint), pipeline: pipeline)
  }

  /// - Parameter weights: a checkpoint that is known to be the right one
  init(folder: URL, _ weights: WeightReader, pipeline: String) {
    self.folder = folder
    self.weights = weights
    self.pipeline = pipeline
  }

  fileprivate var configurationFile: URL { folder.appendingPathComponent("config.json") }

  private func tokenizerFile() throws -> URL {
    let file = folder.appendingPathComponent("tokenizer.model")
    try Pipeline.require(file, of: "tokenizer", in: pipeline)
    return file
  }

  /// CoLLaVO's InternLM2 with Partial LoRA.
  func collavo() throws -> LanguageModel {
    let tokenizer = try SentencePieceBPE(
      model: tokenizerFile(), special: ["[UNUSED_TOKEN_145]", "[UNUSED_TOKEN_146]"], isLegacy: false)
    try TokenizerNotes(folder: folder).check(tokenizer)
    return try LanguageModel(
      Decoder(collavo: configurationFile, weights), tokenizer: tokenizer, template: .internLM2,
      name: folder.path)
  }

  /// NExT-Chat's Vicuna.
  func nextChat() throws -> LanguageModel {
    try LanguageModel(nextChat: configurationFile, weights, vocabulary: tokenizerFile())
  }

  /// CoLLaVO's tables and their connector.
  /// - Parameter width: the language model's
  func crayon(width: Int) throws -> CrayonEmbedder {
    try CrayonEmbedder(
      weights, names: .collavo, vocabulary: CategoryTable.coco.categories.count, width: width)
  }

  /// The tower and its connector.
  /// - Parameter file: the `config.json` of the CLIP that the tower was made from
  func vision(
    _ layout: VisionConfiguration.Layout, configuration file: URL, _ configuration: VisionConfiguration,
    width: Int, grid: GridSize
  ) throws -> VisionModel {
    try Pipeline.require(file, of: "vision tower's configuration", in: pipeline)
    let tower = try CLIPVisionTower(
      weights.scoped(layout.tower), CLIPVisionConfiguration(readingJSON: file), side: configuration.size,
      layer: configuration.layer)
    try layout.require(tower, takenAt: configuration.layer, in: self)
    return try VisionModel(
      VisionEncoder(preprocessing: configuration.preprocessing, tower: tower),
      connector: MLPConnector(
        named: weights.scoped(layout.connector), depth: layout.depth(in: self),
        inputs: tower.configuration.width, width: width),
      // Nothing that is only audited has values to tell it by.
      digest: weights.readsValues ? DigestReceipt.digest(of: weights.checkpoint, under: layout.tower) : "",
      configuration, grid: grid, pipeline: pipeline)
  }

  /// NExT-Chat's heads, and SAM, whose decoder draws the masks on its own encoder's features.
  /// - Parameter width: the language model's
  func grounding(width: Int) throws -> (Grounding, Pix2Emb.Features) {
    let heads = try GroundingHeads(weights, width: width, names: .nextChat)
    let sam = try SAM(original: weights.scoped("sam.model"), placement: .middle)
    return (
      Grounding(heads: heads, masker: try RegionMasker(nextChat: weights, width: width, sam: sam)), .sam(sam)
    )
  }
}

extension VisionConfiguration.Layout {
  fileprivate var tower: String {
    switch self {
    case .collavo: "vit.vision_tower.vision_model"
    case .nextChat: "model.vision_tower.vision_model"
    }
  }

  fileprivate var connector: String {
    switch self {
    case .collavo: "vision_proj"
    case .nextChat: "model.mm_projector"
    }
  }

  /// How many layers the connector has: as many as there are tensors of, which must be what the configuration says.
  /// - Throws: `ConfigurationError`
  fileprivate func depth(in checkpoint: PublishedCheckpoint) throws -> Int {
    switch self {
    case .collavo: return 2
    case .nextChat:
      let file = try ConfigurationFile(checkpoint.configurationFile)
      let claimed = try file.decode(NExTChatKeys.self).mm_depth
      let found = MLPConnector.depth(of: checkpoint.weights.scoped(connector))
      guard found > 0 else { return claimed ?? Self.nextChatDepth }
      // Their code builds one layer for every depth below 2.
      try file.require("mm_depth", max(claimed ?? found, 1), is: found)
      return found
    }
  }

  /// Their configuration's own.
  private static let nextChatDepth = 2

  /// Makes sure that what the checkpoint's configuration says of the picture's way into the model is what is done.
  /// - Parameter layer: the hidden state that the pipeline takes, counted as transformers does
  /// - Throws: `ConfigurationError`
  fileprivate func require(
    _ tower: CLIPVisionTower, takenAt layer: Int, in checkpoint: PublishedCheckpoint
  ) throws {
    guard case .nextChat = self else { return }
    let file = try ConfigurationFile(checkpoint.configurationFile)
    let keys = try file.decode(NExTChatKeys.self)
    if let claimed = keys.mm_vision_select_layer {
      // One hidden state has two numbers, one from either end.
      let depth = claimed < 0 ? tower.configuration.layers + 1 + claimed : claimed
      guard depth == tower.depth else {
        throw ConfigurationError.unsupported(
          file: file.path, key: "mm_vision_select_layer", value: "\(claimed)", supported: "\(layer)")
      }
    }
    // The template has `<im_start>` and `<im_end>` around the picture.
    try file.require("mm_use_im_start_end", keys.mm_use_im_start_end ?? true, is: true)
  }
}

/// What NExT-Chat's `config.json` says beside the language model's sizes; names are the file's.
private struct NExTChatKeys: Decodable {
  var mm_depth: Int?
  var mm_vision_select_layer: Int?
  var mm_use_im_start_end: Bool?
}
