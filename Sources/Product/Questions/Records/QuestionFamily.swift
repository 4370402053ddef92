/// What a question is about.
public enum QuestionFamily: String, Sendable, Hashable, Codable, CaseIterable {
  /// "How many cups are there?"
  case count
  /// "Is there a cup?"
  case existence
  /// "What colour is the cup?"
  case colour
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
}

extension QuestionFamily {
  var wordings: WordingTable {
    switch self {
    case .count: .count
    case .existence: .existence
    case .colour: .colour
    case .compare: .compare
    case .relation: .relation
    case .whereIs: .whereIs
    case .region: .region
    case .list: .list
    case .describe: .describe
    case .unknownCategory: .unknownCategory
    case .nothingKnown: .nothingKnown
    case .unrelated: .unrelated
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
    case .list, .describe, .unknownCategory: 3
    case .unrelated: 2
    case .nothingKnown: 20
    }
  }
}
