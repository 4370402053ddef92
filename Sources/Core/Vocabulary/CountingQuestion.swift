public import CrayonCore

/// A question for a number of things, understood without a model: what is to be counted.
///
///     CountingQuestion(parsing: "how many mugs?", table: .coco)       // the category "cup"
///     CountingQuestion(parsing: "Count the unicorns.", table: .coco)  // outside of the vocabulary
///     CountingQuestion(parsing: "Where is the cup?", table: .coco)    // nil
public struct CountingQuestion: Sendable, Equatable {
  /// What a question asks to count.
  public enum Subject: Sendable, Equatable {
    /// Usually one category; several where a word means either ("table"), or all are asked for ("cups and bowls",
    /// "things").
    case known([Category])
    /// A noun that the vocabulary has no category for, as it was written.
    case unknown(noun: String)
  }

  /// What is to be counted.
  public let subject: Subject
  /// What narrows the question down: "red", "on the shelf". A map alone cannot answer it then. nil where all of a
  /// kind are asked for.
  public let restriction: String?

  /// Words that mean more or less than their category, as they were written: "women" are some of the people.
  public let inexact: [InexactNoun]

  /// A word of the question that does not mean exactly its category.
  public struct InexactNoun: Sendable, Equatable {
    /// As it was written.
    public let noun: String
    /// The nearest that the vocabulary has.
    public let category: Category
    /// A part of the category, and not more than it.
    public let isNarrower: Bool
  }

  /// - Parameters:
  ///   - question: in English, as a person wrote it
  ///   - table: the vocabulary
  /// - Returns: nil when the question does not ask for a number, or does not say of what.
  public init?(parsing question: String, table: CategoryTable) {
    // What stands between commas is one part of several, as before "and".
    let words = Self.words(question.replacing(/[,&]/, with: " and "))
    guard Self.comparisons.isDisjoint(with: words), let asked = CountedPhrase(in: words) else { return nil }
    let nouns = CategoryNouns(table)
    // "The number of the bus" is written on it.
    if asked.isOfANumber, asked.parts.contains(where: nouns.isSingular) { return nil }
    var categories: [Category] = []
    var restrictions: [String] = []
    var inexact: [InexactNoun] = []
    for part in asked.parts {
      guard let found = nouns.find(part) else {
        self.subject = .unknown(noun: part.joined(separator: " "))
        self.restriction = nil
        self.inexact = []
        return
      }
      categories += found.meaning.categories.filter { !categories.contains($0) }
      restrictions += found.restriction
      guard found.meaning.scope != .exact else { continue }
      inexact += found.meaning.categories.map {
        InexactNoun(noun: found.noun, category: $0, isNarrower: found.meaning.scope == .narrower)
      }
    }
    subject = .known(categories)
    self.inexact = inexact
    let restricting = restrictions + asked.restriction
    restriction = restricting.isEmpty ? nil : restricting.joined(separator: " ")
  }

  /// What a map says to the question.
  public enum Count: Sendable, Equatable {
    /// The segments that are to be counted.
    case segments([Segment])
    case unknown(Obstacle)
  }

  /// Why a map does not determine the number.
  public enum Obstacle: Sendable, Equatable, CustomStringConvertible {
    /// Outside of the vocabulary.
    case noCategory(noun: String)
    /// The question is narrowed down by words that a map says nothing of.
    case narrowedDown(by: String)
    case inexact(InexactNoun)
    /// One segment, however many it shows.
    case crowd(category: String)
    case stuff(category: String)

    public var description: String {
      switch self {
      case .noCategory(let noun): "the map has no category for “\(noun)”"
      case .narrowedDown(let words): "the map says nothing of “\(words)”"
      case .inexact(let inexact):
        "“\(inexact.noun)” means \(inexact.isNarrower ? "less" : "more") than the map's category "
          + "“\(inexact.category.name)”"
      case .crowd(let category):
        "the map has a crowd of the category “\(category)”, whose members it does not count"
      case .stuff(let category): "“\(category)” is not counted: it is one segment, however much there is"
      }
    }
  }

  /// Counts, or says why that cannot be. Of what a map has none of, it has none of any part either.
  public func count(in map: PanopticMap) -> Count {
    let categories: [Category]
    switch subject {
    case .unknown(let noun): return .unknown(.noCategory(noun: noun))
    case .known(let known): categories = known
    }
    if let restriction { return .unknown(.narrowedDown(by: restriction)) }
    let names = Set(categories.map(\.name))
    let segments = map.segments.filter { names.contains($0.category.name) }
    let seen = Set(segments.map(\.category.name))
    if let noun = inexact.first(where: { !$0.isNarrower || seen.contains($0.category.name) }) {
      return .unknown(.inexact(noun))
    }
    if let crowd = segments.first(where: \.isCrowd) { return .unknown(.crowd(category: crowd.category.name)) }
    if let stuff = segments.first(where: { !$0.category.isThing }) {
      return .unknown(.stuff(category: stuff.category.name))
    }
    return .segments(segments)
  }

  /// In lower case, without marks; names such as "floor-wood" come apart.
  static func words(_ text: String) -> [String] { split(text.lowercased()).map(String.init) }

  /// The words as they are written, without marks.
  static func split(_ text: String) -> [Substring] {
    text.split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "’") }
  }

  /// Words of questions that compare numbers.
  private static let comparisons: Set<String> = ["more", "fewer", "less", "than", "compare", "as", "most"]
}

/// The words of a question that say what is to be counted.
private struct CountedPhrase {
  /// "cups", or "cups" and "bowls"
  var parts: [[String]]
  /// What follows and narrows it down: "on the shelf".
  var restriction: [String]
  /// Whether a number or an amount of something is asked for, which need not be how many there are.
  var isOfANumber: Bool

  init?(in words: [String]) {
    guard let (start, end) = Self.trigger(in: words) else { return nil }
    isOfANumber = words[start..<end].count == 2 && words[end - 1] == "of" && words[start] != "count"
    let before = start > 0 ? words[start - 1] : ""
    // "Don't count", and a "plate number", which is another noun's.
    guard !Self.negations.contains(before),
      !isOfANumber || before.isEmpty || Self.leading.contains(before) || Self.verbs.contains(before)
        || Self.beforeNumber.contains(before)
    else { return nil }
    let rest = Array(words[end...])
    let behind = Self.phrase(Array(rest.drop(while: Self.leading.contains)))
    if !behind.isEmpty {
      let tail = rest.drop(while: Self.leading.contains).dropFirst(behind.count)
      restriction = Self.isNeutral(Array(tail)) ? [] : Array(tail.drop(while: Self.verbs.contains))
      parts = Self.split(behind)
    } else {
      // "Cups: how many?"
      let before = Self.phrase(Array(words[..<start].drop(while: Self.leading.contains)))
      guard !before.isEmpty, rest.allSatisfy(Self.neutral.contains) else { return nil }
      restriction = []
      parts = Self.split(before)
    }
    guard !parts.isEmpty, !parts.contains(where: { $0.allSatisfy(Self.pronouns.contains) }) else { return nil }
  }

  /// Whether what follows a noun says nothing of it. Of neutral words alone are also "have a photo" and "in the picture frame".
  private static func isNeutral(_ tail: [String]) -> Bool {
    let pairs = Set(zip(tail, tail.dropFirst()).map { "\($0) \($1)" })
    return tail.allSatisfy(neutral.contains)
      && pairs.isDisjoint(with: ["have a", "has a", "picture frame", "photo frame"])
  }

  private static let negations: Set<String> = ["don't", "don’t", "dont", "not", "never"]
  private static let beforeNumber: Set<String> = ["exact", "overall", "me", "whole", "and", "to"]

  /// Where the words stand that ask for a number.
  private static func trigger(in words: [String]) -> (start: Int, end: Int)? {
    for start in words.indices {
      for trigger in triggers where words[start...].starts(with: trigger) {
        return (start, start + trigger.count)
      }
    }
    return nil
  }

  /// Up to the verb, or whatever else cannot belong to a noun.
  private static func phrase(_ words: [String]) -> [String] {
    Array(words.prefix { !ends.contains($0) })
  }

  private static func split(_ phrase: [String]) -> [[String]] {
    phrase.split(whereSeparator: conjunctions.contains).map { Array($0.drop(while: leading.contains)) }
      .filter { !$0.isEmpty }
  }

  private static let triggers: [[String]] = [
    ["how", "many"], ["howmany"], ["count", "of"], ["counting"], ["count"], ["number", "of"], ["amount", "of"],
    ["quantity", "of"],
  ]

  private static let conjunctions: Set<String> = ["and", "or", "plus"]

  /// What may stand before a noun and says nothing.
  private static let leading: Set<String> = [
    "of", "the", "all", "a", "an", "these", "those", "any", "individual", "visible", "up", "your", "my",
    "total", "in", "about", "for", "what", "please", "just",
  ]

  private static let pronouns: Set<String> = ["them", "they", "it", "these", "those", "ones", "there", "times"]

  private static let verbs: Set<String> = [
    "are", "is", "there", "were", "do", "does", "can", "could", "you", "see",
  ]

  /// What ends a noun.
  private static let ends: Set<String> = verbs.union([
    "in", "on", "at", "with", "within", "have", "has", "i", "we", "here", "this", "that", "the", "visible",
    "shown", "seen", "exist", "exists", "appear", "appears", "present", "for", "please", "who", "which",
    "whose",
    "from", "under", "behind", "above", "below", "near", "next", "beside", "to", "inside", "between", "by",
    "without", "left", "right", "around", "was", "it", "now", "would", "should", "did", "tell",
    "altogether", "total", "overall", "if",
  ])

  /// What may follow a noun without narrowing it down.
  private static let neutral: Set<String> = verbs.union([
    "in", "on", "at", "within", "have", "has", "i", "we", "here", "this", "that", "the", "visible", "shown",
    "seen", "found", "exist", "exists", "appear", "appears", "present", "for", "please", "me", "picture",
    "image", "photo", "photograph", "pic", "scene", "show", "shows", "be", "total", "overall", "altogether",
    "it",
    "now", "your", "my", "a", "tell", "find", "spot", "contain", "contains", "would", "say", "view",
    "frame", "if", "any", "out", "around", "all", "and",
  ])
}
