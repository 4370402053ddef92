import Checkpoints
public import CrayonCore
import Crypto
import Foundation
public import Panoptic
import Tensors

/// Stage 2 of a pipeline: what its maps can name, a name for everything that they depend on, and the network, which is
/// loaded with the first map that is not known already.
public struct Segmenter: Sendable {
  private enum Source: Sendable {
    /// This project's own network, on squares of a side; nil for the side of its configuration.
    case detector(OnDemand<PanopticDetector>, side: Int?)
    case network(OnDemand<any PanopticSegmenter>)
    case given(PrecomputedSegmenter)
  }

  /// What a map of it may name.
  public let vocabulary: CategoryTable
  /// Changes with the weights, the model's configuration and the thresholds, and with nothing else.
  public let fingerprint: String
  private let source: Source

  /// Opens what a pipeline names, without its tensors.
  /// - Throws: ``PipelineError``, `ConfigurationError`, `Mask2FormerError` or `CheckpointError`
  public init(_ pipeline: PipelineConfiguration) throws {
    let opened = try Precision.$current.withValue(pipeline.precision) { try Segmenter(opening: pipeline) }
    // 32 bits are 32 bits, whichever library adds them up.
    let mark = pipeline.precision.mark
    self.init(
      opened.source, vocabulary: opened.vocabulary,
      fingerprint: mark.isEmpty ? opened.fingerprint : opened.fingerprint + " " + mark)
  }

  /// A map that exists, known by its pixels and its segments.
  public init(_ map: PrecomputedSegmenter) {
    self.init(.given(map), vocabulary: map.vocabulary, fingerprint: "given:" + map.digest)
  }

  private init(_ source: Source, vocabulary: CategoryTable, fingerprint: String) {
    self.source = source
    self.vocabulary = vocabulary
    self.fingerprint = fingerprint
  }

  private init(opening pipeline: PipelineConfiguration) throws {
    func configurationFile(in folder: URL) throws -> URL {
      let file = folder.appendingPathComponent("config.json")
      try Pipeline.require(file, of: "segmenter", in: pipeline.name)
      return file
    }
    switch pipeline.segmenter {
    case .mask2Former(let settings):
      try self.init(settings, configuration: configurationFile(in: settings.weights), pipeline: pipeline.name)
    case .crayonPanoptic(let folder, let side):
      let file = try configurationFile(in: folder)
      let configuration = try PanopticDetectorConfiguration(readingJSON: file)
      self.init(
        .detector(OnDemand { try PanopticDetector(folder: folder) }, side: side),
        vocabulary: configuration.categories,
        fingerprint: try Self.fingerprint(
          "crayon-panoptic", [file], folder, settings: "\(side ?? configuration.side)"))
    case .bottomUp(let folder):
      let file = try configurationFile(in: folder)
      self.init(
        .network(OnDemand { try BottomUpSegmenter(folder: folder) }),
        vocabulary: try BottomUpConfiguration(readingJSON: file).categories,
        fingerprint: try Self.fingerprint("bottom-up", [file], folder, settings: ""))
    }
  }

  private init(
    _ settings: SegmenterConfiguration.Mask2FormerSettings, configuration file: URL, pipeline: String
  ) throws {
    let folder = settings.weights
    let processor = folder.appendingPathComponent("preprocessor_config.json")
    try Pipeline.require(processor, of: "segmenter", in: pipeline)
    let vocabulary = try Pipeline.loading(folder, in: pipeline) {
      try ModelFamily.mask2Former.require(try Checkpoint(folder: folder), for: "segmenter", of: pipeline)
      return try Mask2FormerConfiguration(readingJSON: file).categories()
    }
    let merge = PanopticMerge(
      threshold: settings.threshold, maskThreshold: settings.maskThreshold,
      overlapThreshold: settings.overlapThreshold,
      fusedLabels: try settings.fuse.labels(of: vocabulary, pipeline: pipeline))
    let framing = Mask2Former.Framing(squash: settings.squash, decidedAt: settings.decidedAt)
    let thresholds = [merge.threshold, merge.maskThreshold, Float(merge.overlapThreshold)]
    let sides = [settings.squash, settings.decidedAt].map { $0 ?? 0 }
    self.init(
      .network(
        OnDemand {
          try Pipeline.loading(folder, in: pipeline) {
            try Mask2Former(folder: folder).merging(by: merge, framing: framing)
          }
        }),
      vocabulary: vocabulary,
      fingerprint: try Self.fingerprint(
        "mask2former", [file, processor], folder,
        settings: "\(thresholds) \(merge.fusedLabels.sorted()) \(sides)"))
  }

  /// By the files beside the weights, the weights and the settings.
  private static func fingerprint(
    _ kind: String, _ files: [URL], _ folder: URL, settings: String
  ) throws -> String {
    var hash = SHA256()
    for file in files { hash.update(data: try Data(contentsOf: file)) }
    hash.update(data: Data(try DigestReceipt.digest(of: Checkpoint(folder: folder)).utf8))
    hash.update(data: Data(settings.utf8))
    return kind + ":" + hash.finalize().hexadecimal.prefix(32)
  }

  /// The network, loaded.
  /// - Throws: `ConfigurationError`, `CheckpointError` or ``PipelineError`` where the weights are bad
  public func network() throws -> any PanopticSegmenter {
    switch source {
    case .detector(let detector, let side):
      let network = try detector.value()
      return side.map(network.seeing) ?? network
    case .network(let network): return try network.value()
    case .given(let map): return map
    }
  }

  /// This project's own network, where that is the one.
  var detector: OnDemand<PanopticDetector>? {
    guard case .detector(let detector, _) = source else { return nil }
    return detector
  }

  /// Lets go of the network, until it is asked for again.
  func giveBack() {
    switch source {
    case .detector(let detector, _): detector.giveBack()
    case .network(let network): network.giveBack()
    case .given: break
    }
  }
}

extension SegmenterConfiguration.Fuse {
  /// The labels that are one segment each, by their places in the vocabulary.
  /// - Throws: ``PipelineError/unknownClass(pipeline:name:)``
  fileprivate func labels(of vocabulary: CategoryTable, pipeline: String) throws -> Set<Int> {
    let categories = vocabulary.categories
    switch self {
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
