public import CrayonCore

/// A noun with the forms that sentences need: singular, plural, with an article, with a number.
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
  /// How it is counted.
  public let grammar: Grammar

  /// - Parameters:
  ///   - word: the singular; of a pair, the word that is always plural
  ///   - grammar: decides the plural, the article and how a number stands before it
  public init(_ word: String, _ grammar: Grammar = .countable) {
    self.grammar = grammar
    switch grammar {
    case .countable: (one, many) = (word, Plural.of(word))
    case .mass, .pluralMass: (one, many) = (word, word)
    case .pair: (one, many) = ("pair of \(word)", word)
    }
  }

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
  public func coloured(_ colour: String) -> Noun { Noun("\(colour) \(grammar == .pair ? many : one)", grammar) }

  /// Whether what is meant by ``many`` takes "are".
  public var manyIsPlural: Bool { grammar != .mass }
  /// Whether what is meant by ``withArticle`` takes "are".
  public var articleIsPlural: Bool { grammar == .pluralMass }
  /// "the cup" is one, "the scissors" are many.
  public var definite: String { grammar == .pair ? "the \(many)" : "the \(one)" }
  /// Whether what is meant by ``definite`` takes "are".
  public var definiteIsPlural: Bool { grammar == .pair || grammar == .pluralMass }

  private static func startsWithVowelSound(_ word: String) -> Bool {
    guard let first = word.lowercased().first, "aeiou".contains(first) else { return false }
    return !consonantSounds.contains { word.lowercased().hasPrefix($0) }
  }

  /// Written with a vowel, spoken with a consonant.
  private static let consonantSounds = ["uni", "use", "euro", "ukulele", "one"]
}

extension Noun {
  /// The noun of a category: its name without "-merged", "-other" and "-stuff", or what people say in its place.
  public init(_ category: Category) {
    let name = Self.spokenNames[category.name] ?? Self.listed(category.name)
    self.init(name, Self.grammars[name] ?? .countable)
  }

  /// A category's name as prompts list it, without what COCO adds to distinguish kinds of stuff: "table" for "table-merged",
  /// "wall" for "wall-other-merged" (CoLLaVO's `classesboxes2string`).
  public static func listed(_ name: String) -> String {
    ["-merged", "-other", "-stuff"].reduce(name) { name, part in
      var name = name
      while let range = name.firstRange(of: part) { name.removeSubrange(range) }
      return name
    }
  }

  /// Names of COCO's that are not in common use.
  private static let spokenNames = [
    "floor-wood": "wooden floor", "wall-brick": "brick wall", "wall-stone": "stone wall",
    "wall-tile": "tiled wall", "wall-wood": "wooden wall", "window-blind": "window blind",
    "playingfield": "playing field",
  ]

  private static let grammars: [String: Grammar] = [
    "scissors": .pair, "skis": .pair, "stairs": .pluralMass,
    "cardboard": .mass, "fruit": .mass, "gravel": .mass, "sand": .mass, "sea": .mass, "snow": .mass,
    "water": .mass, "sky": .mass, "pavement": .mass, "grass": .mass, "dirt": .mass, "paper": .mass,
    "food": .mass,
  ]
}

/// English plurals, by one rule and a table of exceptions; of several words the last one changes.
enum Plural {
  private static let irregular = [
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice",
    "knife": "knives", "shelf": "shelves", "loaf": "loaves", "wolf": "wolves", "leaf": "leaves",
    "sheep": "sheep", "fish": "fish", "broccoli": "broccoli", "reindeer": "reindeer", "goose": "geese",
    "cactus": "cacti", "policeman": "policemen", "fireman": "firemen", "snowman": "snowmen",
    "potato": "potatoes", "tomato": "tomatoes", "ox": "oxen", "aircraft": "aircraft",
    "octopus": "octopuses", "calf": "calves", "gentleman": "gentlemen",
  ]

  static func of(_ noun: String) -> String {
    var words = noun.split(separator: " ").map(String.init)
    guard let last = words.popLast() else { return noun }
    return (words + [ofWord(last)]).joined(separator: " ")
  }

  /// The plural, and what people write who go by the rule where there is an exception ("sheeps", "knifes", "busses").
  static func spellings(_ noun: String) -> Set<String> {
    var words = noun.split(separator: " ").map(String.init)
    guard let last = words.popLast() else { return [] }
    let doubled = last.hasSuffix("s") ? [last + "ses"] : []
    return Set(([ofWord(last), byRule(last)] + doubled).map { (words + [$0]).joined(separator: " ") })
  }

  private static func ofWord(_ word: String) -> String { irregular[word] ?? byRule(word) }

  private static func byRule(_ word: String) -> String {
    if ["s", "x", "z", "ch", "sh"].contains(where: word.hasSuffix) { return word + "es" }
    let beforeLast = word.dropLast().last
    if word.hasSuffix("y"), let beforeLast, !"aeiou".contains(beforeLast) { return word.dropLast() + "ies" }
    return word + "s"
  }
}
