import Vocabulary

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

/// A noun, and the words by which one or all of its kind are meant.
struct NounPhrase: Sendable {
  var noun: Noun
  /// "the cup", "the leftmost cup", "cup number 2", "the cups"
  var definite: String
  var definiteIsPlural: Bool

  /// The only one of its kind.
  init(theOnly noun: Noun) {
    self.noun = noun
    (definite, definiteIsPlural) = (noun.definite, noun.definiteIsPlural)
  }

  /// All of a kind.
  init(all noun: Noun) {
    self.noun = noun
    (definite, definiteIsPlural) = ("the \(noun.many)", noun.manyIsPlural)
  }

  /// One of several.
  init(_ noun: Noun, _ one: OneOfAKind) {
    self.noun = noun
    (definite, definiteIsPlural) = (one.phrase(noun.one), false)
  }

  /// "The cup is", "The cups are"
  var subject: String { definite.capitalizedSentence + (definiteIsPlural ? " are" : " is") }
}

extension String {
  /// With a capital at the start, the rest as it is.
  var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() }
}

/// What stands in a wording's slots.
struct WordingFilling: Sendable {
  var noun: NounPhrase?
  var other: NounPhrase?
  var relation = ""
  var colour = ""

  static let region = "[1]"

  subscript(slot: Wording.Slot) -> String {
    switch slot {
    case .one: noun?.noun.one ?? ""
    case .many: noun?.noun.many ?? ""
    case .a: noun?.noun.withArticle ?? ""
    case .any: "any " + (noun?.noun.many ?? "")
    case .the: noun?.definite ?? ""
    case .areMany: Self.be(noun?.noun.manyIsPlural)
    case .isA: Self.be(noun?.noun.articleIsPlural)
    case .isThe: Self.be(noun?.definiteIsPlural)
    case .otherMany: other?.noun.many ?? ""
    case .otherThe: other?.definite ?? ""
    case .relation: relation
    case .colour: colour
    case .region: Self.region
    }
  }

  private static func be(_ isPlural: Bool?) -> String { isPlural == true ? "are" : "is" }
}

/// The wordings of one family of questions. A wording's number, from 1 on, is its place in
/// the two lists one after the other, so wordings are added at the end of the held-out list, or all data made
/// before has to be made anew.
struct WordingTable: Sendable {
  /// Used at any seed.
  let kept: [Wording]
  /// Used for evaluation only, so that a model can be asked in words that it has never seen.
  let heldOut: [Wording]

  /// A wording, drawn evenly.
  func draw(
    mayBeHeldOut: Bool, using numbers: inout QuestionNumbers
  ) -> (number: Int, isHeldOut: Bool, wording: Wording)? {
    let choices = mayBeHeldOut ? kept + heldOut : kept
    guard let index = choices.indices.randomElement(using: &numbers) else { return nil }
    return (index + 1, index >= kept.count, choices[index])
  }

  static func + (a: WordingTable, b: WordingTable) -> WordingTable {
    WordingTable(kept: a.kept + b.kept, heldOut: a.heldOut + b.heldOut)
  }
}
