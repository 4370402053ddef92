public import CrayonCore

extension Region {
  /// By which the answer's text speaks of it, from 1.
  public var number: Int { trigger + 1 }
}
