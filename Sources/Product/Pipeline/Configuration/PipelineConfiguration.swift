public import Foundation

/// What a pipeline's YAML file says: for each stage its kind, its weights and its parameters.
public struct PipelineConfiguration: Sendable {
  public let name: String
  public let file: URL
  public let description: String
  /// Said whenever the pipeline is used; nil where there is nothing to warn of.
  public let notice: String?
  public let segmenter: SegmenterConfiguration
  /// The stages that answer questions; nil for a pipeline that only makes maps.
  public let answering: AnsweringConfiguration?

  /// Reads and checks a file.
  /// - Throws: ``PipelineError`` naming the file, the line and the key.
  public init(reading file: URL) throws {
    var top = try YAMLMapping(reading: file)
    name = file.deletingPathExtension().lastPathComponent
    self.file = file
    description = try top.string("description") ?? ""
    notice = try top.string("notice")
    var segmenter = try top.needed("segmenter")
    self.segmenter = try SegmenterConfiguration(&segmenter, relativeTo: file)
    answering = try AnsweringConfiguration(&top, relativeTo: file)
    try top.finish()
  }
}
