/// A noun with the forms that sentences need.
public struct Noun: Sendable, Hashable {
  /// How a noun is counted.
  public enum Grammar: Sendable, Hashable {
    /// a cup, 2 cups
    case countable
    /// grass
    case mass
    /// stairs
    case pluralMass
    /// a pair of scissors, 2 pairs of scissors, but "the scissors"
    case pair
  }

  /// "cup", "grass", "pair of scissors"
  public let one: String
  /// "cups", "grass", "scissors"
  public let many: String
  public let grammar: Grammar

  /// - Parameter word: the singular; of a pair, the word that is always plural
  public init(_ word: String, _ grammar: Grammar = .countable) {
    self.grammar = grammar
    switch grammar {
    case .countable: (one, many) = (word, Plural.of(word))
    case .mass, .pluralMass: (one, many) = (word, word)
    case .pair: (one, many) = ("pair of \(word)", word)
    }
  }

  /// All the ways in which one or several of what a word means are written: "knife", "knives", "knifes".
  package static func spellings(of word: String) -> Set<String> { Plural.spellings(word).union([word]) }

  /// With the indefinite article: "a cup", "an apple", "grass", "a pair of scissors".
  public var withArticle: String {
    switch grammar {
    case .mass, .pluralMass: one
    case .countable, .pair: (Self.startsWithVowelSound(one) ? "an " : "a ") + one
    }
  }

  /// With a number: "3 cups", "1 cup", "no cups", "2 pairs of scissors".
  public func counted(_ number: Int) -> String {
    switch (number, grammar) {
    case (0, _): "no \(many)"
    case (1, _): "1 \(one)"
    case (_, .pair): "\(number) pairs of \(many)"
    default: "\(number) \(many)"
    }
  }

  /// "red cup", "red scissors"
  func coloured(_ colour: String) -> Noun { Noun("\(colour) \(grammar == .pair ? many : one)", grammar) }

  /// Whether what is meant by ``many`` takes "are".
  var manyIsPlural: Bool { grammar != .mass }
  /// Whether what is meant by ``withArticle`` takes "are".
  var articleIsPlural: Bool { grammar == .pluralMass }
  /// "the cup" is one, "the scissors" are many.
  package var definite: String { grammar == .pair ? "the \(many)" : "the \(one)" }
  /// Whether what is meant by ``definite`` takes "are".
  var definiteIsPlural: Bool { grammar == .pair || grammar == .pluralMass }

  private static func startsWithVowelSound(_ word: String) -> Bool {
    guard let first = word.lowercased().first, "aeiou".contains(first) else { return false }
    return !consonantSounds.contains { word.lowercased().hasPrefix($0) }
  }

  /// Written with a vowel, spoken with a consonant.
  private static let consonantSounds = ["uni", "use", "euro", "ukulele", "one"]
}
