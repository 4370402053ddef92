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

/// How the stages of this project's own pipelines are built: each out of files of its own, beside a language model in one
/// GGUF file.
struct Pocket {
  /// The pipeline's name, for messages.
  let pipeline: String

  /// The language model with its adapters: the first part of a tensor's name is its adapter.
  /// - Parameter alpha: what a pair of adapter matrices is multiplied by is this over the rank
  func language(_ file: URL, adapters: URL?, alpha: Float) throws -> LanguageModel {
    try Pipeline.require(file, of: "language model", in: pipeline)
    let bare = try LanguageModel(gguf: file, template: .smolLM2)
    guard let adapters else { return bare }
    let weights = try checkpoint(adapters, of: "adapters")
    let names = Set(weights.names.compactMap { $0.split(separator: ".").first.map(String.init) })
    return try bare.replacing(
      names.sorted().reduce(bare.decoder) { decoder, name in
        try decoder.attaching(
          adapter: name, weights, prefix: name + ".", scale: { alpha / Float($0) },
          scope: name == AdapterNames.crayon ? AdapterScope(tokens: .image, input: .crayon) : AdapterScope())
      })
  }

  /// The tables and their connector.
  /// - Parameter width: the language model's
  func crayon(_ file: URL, width: Int) throws -> CrayonEmbedder {
    try whole(file, of: "crayon") {
      try CrayonEmbedder(
        $0, names: .pocket, vocabulary: CategoryTable.coco.categories.count, width: width)
    }
  }

  /// The tower in a folder; the connector, the positions behind it and the palette in a file.
  func vision(
    _ folder: URL, connector file: URL, _ configuration: VisionConfiguration, width: Int, grid: GridSize
  ) throws -> VisionModel {
    try Pipeline.require(folder, of: "vision tower", in: pipeline)
    let encoder = try VisionEncoder(
      folder: folder, preprocessing: configuration.preprocessing, layer: configuration.layer)
    return try whole(file, of: "connector") { weights in
      try VisionModel(
        encoder,
        connector: MLPConnector(
          weights.scoped("vision_connector"), inputs: encoder.tower.configuration.width, width: width,
          positions: weights.tensor("vision_position", shape: [grid.count, width])),
        palette: MLPConnector(weights.scoped("palette"), inputs: SegmentColours.width, width: width),
        digest: DigestReceipt.digest(of: Checkpoint(folder: folder)), configuration, grid: grid,
        pipeline: pipeline)
    }
  }

  /// The heads, the mask prompt and the mask decoder, which draws on the features of a segmenter of this project's.
  /// - Parameters:
  ///   - folder: with that segmenter
  ///   - detector: the same, where the pipeline has it already
  func grounding(
    _ file: URL, features folder: URL, detector: OnDemand<PanopticDetector>?, width: Int
  ) throws -> (Grounding, Pix2Emb.Features) {
    try Pipeline.require(folder, of: "grounding's segmenter", in: pipeline)
    let configuration = try PanopticDetectorConfiguration(
      readingJSON: folder.appendingPathComponent("config.json"))
    return try whole(file, of: "grounding") { weights in
      (
        Grounding(
          heads: try GroundingHeads(weights, width: width),
          masker: try RegionMasker(pocket: weights, width: width)),
        .segmenter(
          detector ?? OnDemand { try PanopticDetector(folder: folder) },
          try MaskFeatures(pocket: weights, channels: configuration.semanticWidth))
      )
    }
  }

  private func checkpoint(_ file: URL, of stage: String) throws -> Checkpoint {
    try Pipeline.require(file, of: stage, in: pipeline)
    return try Checkpoint(file: file)
  }

  /// Builds what takes all tensors of a file.
  private func whole<Part>(_ file: URL, of stage: String, _ build: (WeightReader) throws -> Part) throws -> Part
  {
    let weights = WeightReader(try checkpoint(file, of: stage))
    let part = try build(weights)
    try weights.finish()
    return part
  }
}
