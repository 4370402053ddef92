public import CrayonCore
public import CrayonPrompting
public import Foundation

/// Stage 3: how the map is put before the language model.
public struct CrayonConfiguration: Sendable {
  /// Where the tables and their connector are.
  public enum Weights: Sendable, Equatable {
    /// In a file of this project.
    case file(URL)
    /// In CoLLaVO's checkpoint, beside the language model.
    case checkpoint
    /// Nowhere: the model is told of the map in words, and has no features of it.
    case none
  }

  public let weights: Weights
  public let grid: GridSize
  public let membership: CrayonPrompter.Membership
  public let listing: ListingStyle

  private enum Kind: String, CaseIterable {
    case tables
    case collavo
    case words
  }

  /// Whether the language model is told anything of the map.
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
