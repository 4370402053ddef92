import Checkpoints
import CrayonCore
import CrayonPrompting
import Foundation
import Grounding
import Layers
import Tensors
import Vision

/// Stage 3, loaded.
struct LoadedPrompting: Sendable {
  let configuration: CrayonConfiguration
  /// nil where the model is given the map in words alone.
  let embedder: CrayonEmbedder?

  /// - Parameter checkpoint: the language model's, where it is one that other stages share
  init(
    _ configuration: CrayonConfiguration, checkpoint: PublishedCheckpoint?, width: Int, pipeline: String
  ) throws {
    self.configuration = configuration
    let vocabulary = CategoryTable.coco.categories.count
    switch configuration.weights {
    case .file(let file):
      try Pipeline.require(file, of: "crayon", in: pipeline)
      let weights = WeightReader(try Checkpoint(file: file))
      embedder = try CrayonEmbedder(weights, names: .pocket, vocabulary: vocabulary, width: width)
      try weights.finish()
    case .checkpoint:
      guard let checkpoint else { throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: "crayon") }
      embedder = try CrayonEmbedder(
        checkpoint.weights, names: .collavo, vocabulary: vocabulary, width: width)
    case .none: embedder = nil
    }
  }

  /// What the language model is shown of a map: the prompt, and its features where they are wanted.
  func run(_ map: PanopticMap, _ options: LookOptions) throws -> (CrayonPrompt, Tensor?) {
    let listing = options.crayon == .off ? .none : options.listing ?? configuration.listing
    let prompt = CrayonPrompter(
      grid: configuration.grid, listing: listing, membership: configuration.membership
    ).run(map)
    return (prompt, try channels(options).flatMap { try embedder?.features(of: prompt, channels: $0) })
  }

  /// What of a map the language model can point at; nil where it is not shown the map.
  /// - Parameter frame: in which it sees the picture
  func pointable(
    _ prompt: CrayonPrompt, of map: PanopticMap, in frame: PictureFrame, _ options: LookOptions
  ) throws -> PointableSegments? {
    guard let embedder, let channels = channels(options) else { return nil }
    let boxes = Dictionary(
      map.segments.map { ($0.id, PictureBox($0.box)) }, uniquingKeysWith: { first, _ in first })
    let found = prompt.objects.compactMap { object in
      boxes[object.id].flatMap { frame.clippedFrameBox(of: $0) }.map { (object, $0) }
    }
    guard !found.isEmpty else { return nil }
    return PointableSegments(
      ids: found.map(\.0.id), boxes: found.map(\.1),
      features: try embedder.features(of: found.map(\.0), channels: channels))
  }

  /// nil where the language model is not shown the map.
  private func channels(_ options: LookOptions) -> CrayonEmbedder.Channels? {
    switch options.crayon {
    case .off: nil
    case .semantic: .semantic
    case .on: .semanticAndNumbering
    }
  }
}

/// Stage 4, loaded: the tower, and the connector behind it.
struct LoadedVision: Sendable {
  let encoder: VisionEncoder
  let connector: MLPConnector
  /// From ``SegmentColours`` to what they add to a segment's token; nil where the model has none.
  let palette: MLPConnector?
  /// Changes with the tower's weights and the way a picture is put before it.
  let fingerprint: String

  /// - Parameter checkpoint: the language model's, where it is one that other stages share
  init(
    _ configuration: VisionConfiguration, checkpoint: PublishedCheckpoint?, width: Int, grid: GridSize,
    pipeline: String
  ) throws {
    let preprocessing = VisionPreprocessing(
      mode: configuration.fit == .pad ? .padToSquare(border: SIMD3(repeating: 255)) : .squash,
      side: configuration.size, filter: configuration.filter)
    let digest: String
    switch configuration.weights {
    case .folder(let folder, let file):
      try Pipeline.require(folder, of: "vision tower", in: pipeline)
      encoder = try VisionEncoder(folder: folder, preprocessing: preprocessing, layer: configuration.layer)
      try Pipeline.require(file, of: "connector", in: pipeline)
      let weights = WeightReader(try Checkpoint(file: file))
      connector = try MLPConnector(
        weights.scoped("vision_connector"), inputs: encoder.tower.configuration.width, width: width,
        positions: try weights.tensor("vision_position", shape: [grid.count, width]))
      palette = try MLPConnector(weights.scoped("palette"), inputs: SegmentColours.width, width: width)
      try weights.finish()
      digest = try DigestReceipt.digest(of: Checkpoint(folder: folder))
    case .checkpoint(let layout, let file):
      guard let checkpoint else {
        throw PipelineError.noSharedCheckpoint(pipeline: pipeline, stage: "vision tower")
      }
      let weights = checkpoint.weights
      try Pipeline.require(file, of: "vision tower's configuration", in: pipeline)
      let tower = try CLIPVisionTower(
        weights.scoped(layout.tower), CLIPVisionConfiguration(readingJSON: file), side: configuration.size,
        layer: configuration.layer)
      encoder = try VisionEncoder(preprocessing: preprocessing, tower: tower)
      connector = try MLPConnector(
        named: weights.scoped(layout.connector), depth: try layout.depth(in: checkpoint),
        inputs: tower.configuration.width, width: width)
      palette = nil
      // Nothing that is only audited has values to tell it by.
      digest =
        weights.readsValues ? try DigestReceipt.digest(of: weights.checkpoint, under: layout.tower) : ""
    }
    let side = encoder.tower.gridSide
    guard side == grid.rows, side == grid.columns else {
      throw PipelineError.gridMismatch(pipeline: pipeline, vision: side, crayon: grid.rows)
    }
    let settings =
      "\(configuration.size) \(configuration.fit) \(configuration.filter) \(configuration.layer)"
      + Precision.current.mark
    fingerprint = "clip:" + FileDigest.sha256(of: Data((digest + settings).utf8)).prefix(32)
  }

  /// Lets the system take back the tower's memory, until it is run again.
  func rest() { encoder.tower.rest() }
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
      struct Keys: Decodable {
        var mm_depth: Int?
      }
      let file = try ConfigurationFile(checkpoint.folder.appendingPathComponent("config.json"))
      let claimed = try file.decode(Keys.self).mm_depth
      let found = MLPConnector.depth(of: checkpoint.weights.scoped(connector))
      guard found > 0 else { return claimed ?? Self.nextChatDepth }
      // Their code builds one layer for every depth below 2.
      try file.require("mm_depth", max(claimed ?? found, 1), is: found)
      return found
    }
  }

  /// Their configuration's own.
  private static let nextChatDepth = 2
}
