import Vocabulary

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
