/// A way of asking, with slots that nouns are put into: `"how many \(.many) are there?"`.
///
/// Written in lower case; sentences are capitalised when they are made.
struct Wording: Sendable, ExpressibleByStringInterpolation {
  enum Slot: Sendable {
    /// "cup"
    case one
    /// "cups"
    case many
    /// "a cup", "grass"
    case a
    /// "any cups", "any grass"
    case any
    /// "the cup", "the leftmost cup", "cup number 2", "the cups"
    case the
    /// "is" or "are", as what stands in ``many``, ``a`` or ``the`` needs it
    case areMany, isA, isThe
    /// The second noun's ``many`` and ``the``
    case otherMany, otherThe
    /// "to the left of"
    case relation
    /// "red"
    case colour
    /// "[1]"
    case region
  }

  enum Piece: Sendable {
    case text(String)
    case slot(Slot)
  }

  struct StringInterpolation: StringInterpolationProtocol {
    var pieces: [Piece] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { pieces.append(.text(literal)) }

    mutating func appendInterpolation(_ slot: Slot) { pieces.append(.slot(slot)) }
  }

  let pieces: [Piece]

  init(stringLiteral value: String) { pieces = [.text(value)] }

  init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

  /// The question, in lower case as it was written.
  func text(_ filling: WordingFilling) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .slot(let slot): filling[slot]
      }
    }.joined()
  }
}
