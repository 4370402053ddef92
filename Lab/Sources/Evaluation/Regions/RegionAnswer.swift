public import CrayonCore

/// What was answered to a question, and where it points.
public struct RegionAnswer: Sendable {
  /// Without special tokens; in answers to a `Question`, its mark stands for each region.
  public var text: String
  /// In the order in which the answer names them.
  public var regions: [Region]

  public init(text: String, regions: [Region] = []) {
    self.text = text
    self.regions = regions
  }
}
