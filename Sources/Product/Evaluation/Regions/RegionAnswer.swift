public import CrayonCore

/// What was answered to a ``RegionSample``.
public struct RegionAnswer: Sendable {
  /// Without special tokens.
  public var text: String
  /// In the order in which the answer names them.
  public var regions: [Region]

  public init(text: String, regions: [Region] = []) {
    self.text = text
    self.regions = regions
  }
}
