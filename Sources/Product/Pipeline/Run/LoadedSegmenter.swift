import Checkpoints
import CrayonCore
import Crypto
import Foundation
public import Panoptic
import Tensors

/// A segmenter that is ready to run, and a name for everything that its maps depend on.
public struct LoadedSegmenter: Sendable {
  /// Ready to run.
  public let segmenter: any PanopticSegmenter
  /// Changes with the weights, the model's configuration and the thresholds, and with nothing else.
  public let fingerprint: String
  /// What a map of it may name.
  let vocabulary: CategoryTable

  /// Loads what a pipeline names.
  /// - Throws: ``PipelineError``, `ConfigurationError`, `Mask2FormerError` or `CheckpointError`
  public init(_ pipeline: PipelineConfiguration) throws {
    let loaded = try Precision.$current.withValue(pipeline.precision) { try LoadedSegmenter(loading: pipeline) }
    // 32 bits are 32 bits, whichever library adds them up.
    let mark = pipeline.precision.mark
    segmenter = loaded.segmenter
    vocabulary = loaded.vocabulary
    fingerprint = mark.isEmpty ? loaded.fingerprint : loaded.fingerprint + " " + mark
  }

  private init(loading pipeline: PipelineConfiguration) throws {
    switch pipeline.segmenter {
    case .mask2Former(let configuration):
      try self.init(configuration, pipeline: pipeline.name)
    case .crayonPanoptic(let folder, let side):
      let detector = try Self.own(folder, in: pipeline.name, PanopticDetector.init)
      self.init(
        side.map(detector.seeing) ?? detector,
        fingerprint: try Self.fingerprint("crayon-panoptic", folder, side ?? detector.configuration.side))
    case .bottomUp(let folder):
      self.init(
        try Self.own(folder, in: pipeline.name, BottomUpSegmenter.init),
        fingerprint: try Self.fingerprint("bottom-up", folder))
    }
  }

  /// A map that exists, known by its pixels and its segments.
  public init(_ map: PrecomputedSegmenter) {
    segmenter = map
    vocabulary = map.vocabulary
    fingerprint = "given:" + map.digest
  }

  private init(_ segmenter: any PanopticSegmenter, fingerprint: String) {
    self.segmenter = segmenter
    vocabulary = segmenter.categories
    self.fingerprint = fingerprint
  }

  private init(
    _ configuration: SegmenterConfiguration.Mask2FormerSettings, pipeline: String
  ) throws {
    let folder = configuration.weights
    let files = ["config.json", "preprocessor_config.json"].map(folder.appendingPathComponent)
    for file in files { try Pipeline.require(file, of: "segmenter", in: pipeline) }
    let unfused = try Pipeline.loading(folder, in: pipeline) {
      try ModelFamily.mask2Former.require(try Checkpoint(folder: folder), for: "segmenter", of: pipeline)
      return try Mask2Former(folder: folder)
    }
    let merge = PanopticMerge(
      threshold: configuration.threshold, maskThreshold: configuration.maskThreshold,
      overlapThreshold: configuration.overlapThreshold,
      fusedLabels: try Self.labels(configuration.fuse, of: unfused, pipeline: pipeline))
    segmenter = unfused.merging(
      by: merge, framing: Mask2Former.Framing(squash: configuration.squash, decidedAt: configuration.decidedAt))
    vocabulary = segmenter.categories

    var hash = SHA256()
    for file in files { hash.update(data: try Data(contentsOf: file)) }
    hash.update(data: Data(try DigestReceipt.digest(of: Checkpoint(folder: folder)).utf8))
    let thresholds = [merge.threshold, merge.maskThreshold, Float(merge.overlapThreshold)]
    let framing = [configuration.squash, configuration.decidedAt].map { $0 ?? 0 }
    hash.update(data: Data("\(thresholds) \(merge.fusedLabels.sorted()) \(framing)".utf8))
    fingerprint = "mask2former:" + hash.finalize().hexadecimal.prefix(32)
  }

  /// This project's own network, where that is the one.
  var detector: PanopticDetector? { segmenter as? PanopticDetector }

  /// Loads a network of this project's own.
  private static func own<Network>(
    _ folder: URL, in pipeline: String, _ load: (URL) throws -> Network
  ) throws -> Network {
    try Pipeline.require(folder.appendingPathComponent("config.json"), of: "segmenter", in: pipeline)
    return try load(folder)
  }

  /// Of a network of this project's own.
  /// - Parameter side: of the square that it sees, where that is not the configuration's alone
  private static func fingerprint(_ kind: String, _ folder: URL, _ side: Int? = nil) throws -> String {
    var hash = SHA256()
    hash.update(data: try Data(contentsOf: folder.appendingPathComponent("config.json")))
    hash.update(data: Data(try DigestReceipt.digest(of: Checkpoint(folder: folder)).utf8))
    if let side { hash.update(data: Data("\(side)".utf8)) }
    return kind + ":" + hash.finalize().hexadecimal.prefix(32)
  }

  private static func labels(
    _ fuse: SegmenterConfiguration.Fuse, of model: Mask2Former, pipeline: String
  ) throws -> Set<Int> {
    let categories = model.categories.categories
    switch fuse {
    case .none: return []
    case .stuff: return Set(categories.indices.filter { !categories[$0].isThing })
    case .classes(let names):
      return Set(
        try names.map { name in
          guard let label = categories.firstIndex(where: { $0.name == name }) else {
            throw PipelineError.unknownClass(pipeline: pipeline, name: name)
          }
          return label
        })
    }
  }
}
