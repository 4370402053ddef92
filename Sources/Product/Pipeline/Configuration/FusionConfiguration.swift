public import Fusion

/// Stage 5: the prompt.
public struct FusionConfiguration: Sendable {
  /// Where crayon features come in.
  public enum Crayon: String, Sendable, CaseIterable {
    /// Added to the image tokens; layers with crayon adapters see them too.
    case tokens
    /// Only in layers with crayon adapters.
    case layers
  }

  public let template: FusionTemplate
  public let crayon: Crayon

  init(_ mapping: inout YAMLMapping) throws {
    template = try mapping.choice("kind", FusionTemplate.self)
    crayon = try mapping.choice("crayon", Crayon.self, default: .layers)
    try mapping.finish()
  }
}
