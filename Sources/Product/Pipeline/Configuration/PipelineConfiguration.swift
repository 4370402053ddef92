public import Foundation
public import Tensors

/// What a pipeline's YAML file says: for each stage its kind, its weights and its parameters.
public struct PipelineConfiguration: Sendable {
  public let name: String
  public let file: URL
  public let description: String
  /// Said whenever the pipeline is used; nil where there is nothing to warn of.
  public let notice: String?
  /// How exactly its models' products are made: `precision: float32`, `bfloat16` or `auto`, which is the default.
  public var precision: Precision
  public private(set) var segmenter: SegmenterConfiguration
  /// The stages that answer questions; nil for a pipeline that only makes maps.
  public let answering: AnsweringConfiguration?
  /// The models that it has in the models folder, by their folders' names, sorted.
  public let models: [String]

  /// Those of ``models`` that its stages load, where some name several to choose from.
  public let modelsInUse: [String]

  /// Reads and checks a file.
  /// - Parameter preferred: where a stage names several models, the one to take; nil for the first that is there
  /// - Throws: ``PipelineError`` naming the file, the line and the key.
  public init(reading file: URL, preferring preferred: String? = nil) throws {
    var top = try YAMLMapping(reading: file, preferring: preferred)
    name = file.deletingPathExtension().lastPathComponent
    self.file = file
    description = try top.string("description") ?? ""
    notice = try top.string("notice")
    precision = try top.choice("precision", Precision.self, default: .auto)
    var segmenter = try top.needed("segmenter")
    self.segmenter = try SegmenterConfiguration(&segmenter, relativeTo: file)
    answering = try AnsweringConfiguration(&top, relativeTo: file)
    func models(_ references: [String]) -> [String] {
      Set(references.compactMap { ModelsFolder.model(of: $0) }).sorted()
    }
    self.models = models(top.modelReferences)
    modelsInUse = models(top.chosenModelReferences)
    try top.finish()
  }

  /// The pipeline with its segmenter seeing squares of another side; nil where its kind takes no such side.
  /// - Precondition: `PanopticDetectorConfiguration.isSide(side)`
  public func segmenting(atSide side: Int) -> PipelineConfiguration? {
    guard case .crayonPanoptic(let weights, _) = segmenter else { return nil }
    var result = self
    result.segmenter = .crayonPanoptic(weights: weights, side: side)
    return result
  }
}
