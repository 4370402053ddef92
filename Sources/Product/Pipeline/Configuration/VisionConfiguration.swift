public import Foundation
public import Resampling

/// Stage 4: the vision tower and its connector.
public struct VisionConfiguration: Sendable {
  /// Where they are.
  public enum Weights: Sendable, Equatable {
    /// The tower in a folder with a CLIP vision model; the connector, and the positions behind it, in a file.
    case folder(URL, connector: URL)
    /// Both in a published checkpoint, beside the language model; the tower's sizes in the `config.json` of the CLIP
    /// that it was made from.
    case checkpoint(Layout, configuration: URL)
  }

  /// Where a published checkpoint has them.
  public enum Layout: Sendable, Equatable {
    case collavo
    case nextChat
  }

  /// How a picture becomes the model's square.
  public enum Fit: String, Sendable, CaseIterable {
    /// Its proportions are lost.
    case squash
    /// White borders beside it.
    case pad
  }

  private enum Kind: String, CaseIterable {
    case clip
    case collavo
    case nextchat
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

  public let weights: Weights
  /// The side of the model's square, in pixels.
  public let size: Int
  public let fit: Fit
  public let filter: ResamplingFilter
  /// Which hidden states are taken, as `hidden_states[layer]` counts.
  public let layer: Int

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    switch try mapping.choice("kind", Kind.self) {
    case .clip:
      weights = .folder(
        try mapping.weights("weights", relativeTo: file),
        connector: try mapping.weights("connector", relativeTo: file))
    case .collavo:
      weights = .checkpoint(.collavo, configuration: try mapping.weights("config", relativeTo: file))
    case .nextchat:
      weights = .checkpoint(.nextChat, configuration: try mapping.weights("config", relativeTo: file))
    }
    size = try mapping.neededInteger("size", in: 8...4096)
    fit = try mapping.choice("fit", Fit.self, default: .squash)
    filter = try mapping.choice("filter", Filter.self, default: .pillowBilinear).filter
    layer = try mapping.integer("layer", in: -64...64) ?? -1
    try mapping.finish()
  }
}
