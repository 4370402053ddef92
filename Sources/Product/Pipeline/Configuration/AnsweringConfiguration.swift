import Foundation

/// The stages of a pipeline from the map to the answer.
public struct AnsweringConfiguration: Sendable {
  public let crayon: CrayonConfiguration
  public let vision: VisionConfiguration
  public let fusion: FusionConfiguration
  public let language: LanguageConfiguration
  /// nil where the language model cannot point.
  public let grounding: GroundingConfiguration?

  /// nil where the file has none of these stages; some without the others is an error.
  init?(_ top: inout YAMLMapping, relativeTo file: URL) throws {
    guard top.hasAny(of: ["crayon", "vision", "fusion", "language", "grounding"]) else { return nil }
    var crayon = try top.needed("crayon")
    self.crayon = try CrayonConfiguration(&crayon, relativeTo: file)
    var vision = try top.needed("vision")
    self.vision = try VisionConfiguration(&vision, relativeTo: file)
    var fusion = try top.needed("fusion")
    self.fusion = try FusionConfiguration(&fusion)
    var language = try top.needed("language")
    self.language = try LanguageConfiguration(&language, relativeTo: file)
    if var grounding = try top.mapping("grounding") {
      self.grounding = try GroundingConfiguration(&grounding, relativeTo: file)
    } else {
      grounding = nil
    }
  }
}
