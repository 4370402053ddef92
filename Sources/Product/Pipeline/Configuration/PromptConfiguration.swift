public import CrayonCore
public import CrayonPrompting
public import Foundation
public import Fusion
public import Resampling

/// Stage 3: how the map is put before the language model.
public struct CrayonConfiguration: Sendable {
  /// Where the tables and their connector are.
  public enum Weights: Sendable, Equatable {
    /// In a file of this project.
    case file(URL)
    /// In CoLLaVO's checkpoint, beside the language model.
    case checkpoint
    /// Nowhere: the model is given the map in words, and has no features of it.
    case none
  }

  /// Where they are.
  public let weights: Weights
  /// Of the patches that the language model sees.
  public let grid: GridSize
  /// Which segments are numbered and listed.
  public let membership: CrayonPrompter.Membership
  /// How much of the map is listed in words, where the question does not say.
  public let listing: ListingStyle

  private enum Kind: String, CaseIterable {
    case tables
    case collavo
    case words
  }

  /// Whether the language model is given anything of the map.
  /// - Parameter listing: in place of the pipeline's own
  public func showsMap(listing: ListingStyle? = nil) -> Bool {
    weights != .none || (listing ?? self.listing) != .none
  }

  init(_ mapping: inout YAMLMapping, relativeTo file: URL) throws {
    switch try mapping.choice("kind", Kind.self) {
    case .tables: weights = .file(try mapping.weights("weights", relativeTo: file))
    case .collavo: weights = .checkpoint
    case .words: weights = .none
    }
    let side = try mapping.neededInteger("grid", in: 1...256)
    grid = GridSize(rows: side, columns: side)
    membership = try mapping.choice("segments", CrayonPrompter.Membership.self, default: .map)
    listing = try mapping.choice("listing", ListingStyle.self, default: .full)
    try mapping.finish()
  }
}

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

  /// Where they are.
  public let weights: Weights
  /// The side of the model's square, in pixels.
  public let size: Int
  /// How a picture becomes a square.
  public let fit: Fit
  /// By which it is scaled.
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

/// Stage 5: the prompt.
public struct FusionConfiguration: Sendable {
  /// Where crayon features come in.
  public enum Crayon: String, Sendable, CaseIterable {
    /// Added to the image tokens; layers with crayon adapters see them too.
    case tokens
    /// Only in layers with crayon adapters.
    case layers
  }

  /// How question, picture and listing become one sequence.
  public let template: FusionTemplate
  /// Where crayon features are put in.
  public let crayon: Crayon

  init(_ mapping: inout YAMLMapping) throws {
    template = try mapping.choice("kind", FusionTemplate.self)
    crayon = try mapping.choice("crayon", Crayon.self, default: .layers)
    try mapping.finish()
  }
}
