/// What a question is about.
public enum QuestionFamily: String, Sendable, Hashable, Codable, CaseIterable {
  /// "How many cups are there?"
  case count
  /// "How many trees are there?", which are one segment
  case stuffCount = "stuff-count"
  /// "Is there a cup?"
  case existence
  /// "What colour is the cup?"
  case colour
  /// "What colour are the cups?"
  case colours
  /// "Is the cup red?"
  case isColour = "is-colour"
  /// "How many red cups are there?"
  case colouredCount = "coloured-count"
  /// "Is there a red cup?"
  case colouredExistence = "coloured-existence"
  /// "Where is the red cup?"
  case colouredWhere = "coloured-where"
  /// "Which cup is red?"
  case whichOne = "which-one"
  /// "Is anybody there?"
  case anybody
  /// "Who is in the picture?"
  case who
  /// "Which animals are there?"
  case group
  /// "Are there any animals?"
  case groupExistence = "group-existence"
  /// "How many animals are there?"
  case groupCount = "group-count"
  /// "What is on the left?"
  case part
  /// "How many cups are on the left?"
  case partCount = "part-count"
  /// "What is on the table?"
  case onTop = "on-top"
  /// "How many cups are on the table?"
  case onTopCount = "on-top-count"
  /// "What is next to the dog?"
  case beside
  /// "What is the woman carrying?"
  case doing
  /// "What is there to eat?"
  case purpose
  /// "How many cups and bowls are there?"
  case twoCounts = "two-counts"
  /// "Are there more cups than bowls?"
  case compare
  /// "Is the cup to the left of the bowl?"
  case relation
  /// "Where is the cup?"
  case whereIs = "where"
  /// "What is in [1]?"
  case region
  /// "What is in the picture?"
  case list
  /// "Describe the picture."
  case describe
  /// "Where is the unicorn?"
  case unknownCategory = "unknown"
  /// "What is in the picture?", where no thing is
  case nothingKnown = "nothing"
  /// "Who are you?"
  case unrelated
  /// "How many women are there?", of which a map knows people
  case narrower
  /// "Who owns the car?"
  case unknowable
  /// "Combien de tasses y a-t-il ?"
  case otherLanguage = "other-language"
}

extension QuestionFamily {
  /// Those that ask for a colour, or by it.
  static let ofColours: Set<QuestionFamily> = [
    .colour, .colours, .isColour, .colouredCount, .colouredExistence, .colouredWhere, .whichOne,
  ]

  var wordings: WordingTable {
    switch self {
    case .count, .stuffCount, .colouredCount, .groupCount: .count
    case .existence, .colouredExistence, .groupExistence: .existence
    case .whichOne: .whichOne
    case .anybody: .anybody
    case .who: .who
    case .group: .group
    case .part: .part
    case .partCount: .partCount
    case .twoCounts: .twoCounts
    case .onTop: .onTop
    case .onTopCount: .onTopCount
    case .beside: .beside
    case .doing: .doing
    case .purpose: .purpose
    case .colour, .colours: .colour
    case .isColour: .isColour
    case .compare: .compare
    case .relation: .relation
    case .whereIs, .colouredWhere: .whereIs
    case .region: .region
    case .list: .list
    case .describe: .describe
    case .unknownCategory: .unknownCategory
    case .nothingKnown: .nothingKnown
    case .unrelated: .unrelated
    case .narrower: .narrower
    case .unknowable: .unknowable
    case .otherLanguage: .otherLanguage
    }
  }

  /// How often a family is drawn where a picture allows it.
  var weight: Double {
    switch self {
    case .count: 36
    case .existence: 15
    case .colour, .region, .relation: 10
    case .whereIs: 8
    case .compare: 6
    case .isColour, .colouredCount, .group: 5
    case .stuffCount, .list, .describe, .unknownCategory, .colours, .colouredExistence, .colouredWhere,
      .whichOne, .groupExistence, .groupCount, .part, .partCount, .twoCounts, .onTopCount, .beside, .narrower:
      3
    // Hardly a picture allows them at every try.
    case .doing, .onTop: 7
    case .purpose: 4
    case .unrelated, .unknowable: 2
    case .anybody, .who, .otherLanguage: 1
    case .nothingKnown: 20
    }
  }
}
