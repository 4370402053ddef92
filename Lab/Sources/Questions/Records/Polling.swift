/// Which categories that are not there a question is asked about, as POPE has them (Li et al., 2023, section 4).
public enum Polling: String, Sendable, Hashable, Codable, CaseIterable {
  /// Any category.
  case random
  /// Categories that most pictures show.
  case popular
  /// Categories that are often seen together with those of the picture.
  case adversarial
}
