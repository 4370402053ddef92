public import Foundation

/// What a pipeline's YAML file says: for each stage its kind, its weights and its parameters. So far
/// pipelines have one stage, the segmenter.
public struct PipelineConfiguration: Sendable {
  public let name: String
  public let file: URL
  public let description: String
  /// Said whenever the pipeline is used; nil where there is nothing to warn of.
  public let notice: String?
  public let segmenter: SegmenterConfiguration

  /// Reads and checks a file.
  /// - Throws: ``PipelineError`` naming the file, the line and the key.
  public init(reading file: URL) throws {
    var top = try YAMLMapping(reading: file)
    name = file.deletingPathExtension().lastPathComponent
    self.file = file
    description = try top.string("description") ?? ""
    notice = try top.string("notice")
    guard var segmenter = try top.mapping("segmenter") else { throw top.missing("segmenter") }
    self.segmenter = try SegmenterConfiguration(&segmenter, relativeTo: file)
    try top.finish()
  }
}

/// The segmenter that a pipeline names.
public enum SegmenterConfiguration: Sendable {
  case mask2Former(Mask2FormerSettings)

  /// A published Mask2Former and the thresholds of its panoptic merge.
  public struct Mask2FormerSettings: Sendable, Equatable {
    /// The folder with `config.json`, `preprocessor_config.json` and the weights.
    public var weights: URL
    public var threshold: Float
    public var maskThreshold: Float
    public var overlapThreshold: Double
    public var fuse: Fuse
  }

  /// Which classes have all their segments made one.
  public enum Fuse: Sendable, Equatable {
    case stuff
    case none
    case classes([String])
  }

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    guard let kind = try mapping.string("kind") else { throw mapping.missing("kind") }
    guard kind == "mask2former" else {
      throw mapping.bad("kind", kind, expected: "mask2former")
    }
    guard let weights = try mapping.string("weights") else { throw mapping.missing("weights") }
    self = .mask2Former(
      Mask2FormerSettings(
        weights: ModelsFolder.resolve(weights, relativeTo: file),
        threshold: Float(try mapping.number("threshold", in: 0...1) ?? 0.5),
        maskThreshold: Float(try mapping.number("mask_threshold", in: 0...1) ?? 0.5),
        overlapThreshold: try mapping.number("overlap_threshold", in: 0...1) ?? 0.8,
        fuse: try Self.fuse(&mapping)))
    try mapping.finish()
  }

  private static func fuse(_ mapping: inout YAMLMapping) throws -> Fuse {
    switch try mapping.words("fuse") {
    case nil: .stuff
    case ["stuff"]: .stuff
    case ["none"], []: .none
    case let names?: .classes(names)
    }
  }
}
