/// How much of the map is said in words before the question.
public enum ListingStyle: String, Sendable, CaseIterable {
  /// "The image includes (#1 cup) [0.10, 0.20, 0.30, 0.40], (#1 bowl) [0.50, 0.20, 0.70, 0.40]."
  case full
  /// "The image includes (#1 cup), (#1 bowl)."
  case names
  /// Nothing.
  case none
}
