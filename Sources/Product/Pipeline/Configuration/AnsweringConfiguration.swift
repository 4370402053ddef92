public import CrayonCore
public import CrayonPrompting
public import Foundation
public import Fusion
public import Resampling

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

/// Stage 3: how the map is put before the language model.
public struct CrayonConfiguration: Sendable {
  /// A file with the tables and the connector.
  public let weights: URL
  public let grid: GridSize
  public let membership: CrayonPrompter.Membership
  public let listing: ListingStyle

  private enum Kind: String, CaseIterable {
    case tables
  }

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    _ = try mapping.choice("kind", Kind.self)
    weights = try mapping.weights("weights", relativeTo: file)
    let side = try mapping.neededInteger("grid", in: 1...256)
    grid = GridSize(rows: side, columns: side)
    membership = try mapping.choice("segments", CrayonPrompter.Membership.self, default: .map)
    listing = try mapping.choice("listing", ListingStyle.self, default: .full)
    try mapping.finish()
  }
}

/// Stage 4: the vision tower and its connector.
public struct VisionConfiguration: Sendable {
  private enum Kind: String, CaseIterable {
    case clip
  }

  private enum Filter: String, CaseIterable {
    case pillowBilinear = "pillow-bilinear"
    case pillowBicubic = "pillow-bicubic"
    case torchBilinear = "torch-bilinear"

    var filter: ResamplingFilter {
      switch self {
      case .pillowBilinear: .pillowBilinear
      case .pillowBicubic: .pillowBicubic
      case .torchBilinear: .torchBilinear
      }
    }
  }

  /// A folder with a CLIP vision model.
  public let weights: URL
  /// A file with the connector and the positions behind it.
  public let connector: URL
  /// The side of the model's square, in pixels.
  public let size: Int
  public let filter: ResamplingFilter
  /// Which hidden states are taken, as `hidden_states[layer]` counts.
  public let layer: Int

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    _ = try mapping.choice("kind", Kind.self)
    weights = try mapping.weights("weights", relativeTo: file)
    connector = try mapping.weights("connector", relativeTo: file)
    size = try mapping.neededInteger("size", in: 8...4096)
    filter = try mapping.choice("filter", Filter.self, default: .pillowBilinear).filter
    layer = try mapping.integer("layer", in: -64...64) ?? -1
    try mapping.finish()
  }
}

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

/// Stage 6: the language model.
public struct LanguageConfiguration: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// One GGUF file with its vocabulary.
    case gguf
  }

  /// What a further question on the same picture remembers.
  public enum Turns: String, Sendable, CaseIterable {
    /// Nothing: each question is asked as if it were the first.
    case independent
    /// All questions and answers before.
    case conversation
  }

  public let kind: Kind
  public let weights: URL
  /// A file of adapters beside the model; nil for none.
  public let adapters: URL?
  /// What a pair of adapter matrices is multiplied by is this over the rank.
  public let alpha: Float
  public let turns: Turns
  /// Tokens of an answer, where the question does not say.
  public let limit: Int

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    kind = try mapping.choice("kind", Kind.self)
    weights = try mapping.weights("weights", relativeTo: file)
    adapters = try mapping.optionalWeights("adapters", relativeTo: file)
    alpha = Float(try mapping.number("alpha", in: 0.001...65536) ?? 16)
    turns = try mapping.choice("turns", Turns.self, default: .conversation)
    limit = try mapping.integer("limit", in: 1...65536) ?? 256
    try mapping.finish()
  }
}
