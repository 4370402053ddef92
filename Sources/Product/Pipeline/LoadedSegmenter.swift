import Checkpoints
import Crypto
import Foundation
public import Panoptic

/// A segmenter that is ready to run, and a name for everything that its maps depend on.
public struct LoadedSegmenter: Sendable {
  public let segmenter: any PanopticSegmenter
  /// Changes with the weights, the model's configuration and the thresholds, and with nothing else.
  public let fingerprint: String

  /// Loads what a pipeline names.
  /// - Throws: ``PipelineError``, `ConfigurationError`, `Mask2FormerError` or `CheckpointError`
  public init(_ pipeline: PipelineConfiguration) throws {
    switch pipeline.segmenter {
    case .mask2Former(let configuration):
      try self.init(configuration, pipeline: pipeline.name)
    }
  }

  private init(
    _ configuration: SegmenterConfiguration.Mask2FormerSettings, pipeline: String
  ) throws {
    let folder = configuration.weights
    let files = ["config.json", "preprocessor_config.json"].map(folder.appendingPathComponent)
    guard files.allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) else {
      throw PipelineError.missingWeights(pipeline: pipeline, folder: folder.path)
    }
    let unfused = try Mask2Former(folder: folder)
    let merge = PanopticMerge(
      threshold: configuration.threshold, maskThreshold: configuration.maskThreshold,
      overlapThreshold: configuration.overlapThreshold,
      fusedLabels: try Self.labels(configuration.fuse, of: unfused, pipeline: pipeline))
    segmenter = unfused.merging(by: merge)

    var hash = SHA256()
    for file in files { hash.update(data: try Data(contentsOf: file)) }
    hash.update(data: Data(try Checkpoint(folder: folder).digest().utf8))
    hash.update(
      data: Data(
        "\(merge.threshold) \(merge.maskThreshold) \(merge.overlapThreshold) \(merge.fusedLabels.sorted())".utf8
      ))
    fingerprint = "mask2former:" + hash.finalize().prefix(16).map { String(format: "%02x", $0) }.joined()
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
