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
    public let categories: [Category]
    /// What the noun means beside these.
    public let relation: Relation

    /// How a noun's meaning and a vocabulary's categories differ.
    public enum Relation: Sendable, Equatable {
      /// A part of the category, and not more than it.
      case narrower
      /// The categories and more.
      case wider
      /// One of the two that a segment of the category shows.
      case half
      /// Usually another category, and now and then this one.
      case other
    }

    fileprivate var sentence: String {
      let isOne = categories.count == 1
      let names = categories.map { "“\($0.name)”" }.joined(separator: ", ")
      let category = "the map's \(isOne ? "category" : "categories") \(names)"
      return switch relation {
      case .narrower: "“\(noun)” means less than \(category)"
      case .wider: "“\(noun)” means more than \(category)"
      case .half: "“\(noun)” may be counted one by one, and a segment of \(category) is a pair"
      case .other: "“\(noun)” can mean \(category), too"
      }
    }
  }

  /// - Parameters:
  ///   - question: in English, as a person wrote it
  ///   - table: the vocabulary
  /// - Returns: nil when the question does not ask for a number, or does not say of what.
  public init?(parsing question: String, table: CategoryTable) {
    // What stands between commas is one part of several, as before "and".
    let words = Self.words(
      question.replacing(/# ?of\b/, with: "number of").replacing(/[,;&+\/]/, with: " and "))
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
      inexact += found.meaning.inexact(found.noun)
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
      case .inexact(let inexact): inexact.sentence
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
    let seen = Set(map.segments.map(\.category.name))
    if let noun = inexact.first(where: { noun in
      noun.relation == .wider || noun.categories.contains { seen.contains($0.name) }
    }) {
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

  /// The words as they are written, without marks. An apostrophe belongs to its word ("dogs' tails"), but before one it
  /// is a quotation mark, and so is the next behind one.
  static func split(_ text: String) -> [Substring] {
    let apostrophes: Set<Character> = ["'", "’", "‘"]
    var isQuoting = false
    return text.split { !($0.isLetter || $0.isNumber || apostrophes.contains($0)) }.compactMap { word in
      let quoted = word.drop(while: apostrophes.contains)
      if quoted.startIndex != word.startIndex { isQuoting = true }
      guard isQuoting, let last = quoted.last, apostrophes.contains(last) else {
        return quoted.isEmpty ? nil : quoted
      }
      isQuoting = false
      return quoted.dropLast()
    }
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
    var rest = words[end...].drop(while: Self.leading.contains)
    // "Count how many cups there are", "count the number of cups".
    if words[start] == "count", let length = Self.triggerLength(at: rest) {
      rest = rest.dropFirst(length).drop(while: Self.leading.contains)
    }
    let behind = Self.phrase(Array(rest))
    if !behind.isEmpty {
      let tail = rest.dropFirst(behind.count)
      restriction = Self.isNeutral(Array(tail)) ? [] : Array(tail.drop(while: Self.verbs.contains))
      parts = Self.split(behind)
    } else {
      // "Cups: how many?"
      let said = Array(words[..<start].drop(while: Self.leading.contains))
      let before = Self.phrase(said)
      // "Look at the dogs" is more than a noun.
      guard !before.isEmpty, (said.dropFirst(before.count) + rest).allSatisfy(Self.neutral.contains) else {
        return nil
      }
      restriction = []
      parts = Self.split(before)
    }
    guard !parts.isEmpty, !parts.contains(where: { $0.allSatisfy(Self.pronouns.contains) }) else { return nil }
  }

  /// Whether what follows a noun says nothing of it. Of neutral words alone are also "have a photo", "are on it", "are on"
  /// and "in the picture frame".
  private static func isNeutral(_ tail: [String]) -> Bool {
    guard tail.allSatisfy(neutral.contains), !places.contains(tail.last ?? "") else { return false }
    return !zip(tail, tail.dropFirst()).contains { word, next in
      having.contains(word) && determiners.contains(next)
        || (places.contains(word) || word == "around") && ["it", "me"].contains(next)
        || ["picture", "photo"].contains(word) && next == "frame"
    }
  }

  private static let places: Set<String> = ["in", "on", "at", "within", "out"]
  private static let having: Set<String> = ["have", "has", "got"]
  private static let determiners: Set<String> = ["a", "the", "this", "that", "it", "my", "your", "any", "all"]

  private static let negations: Set<String> = ["don't", "don’t", "dont", "not", "never"]
  private static let beforeNumber: Set<String> = ["exact", "overall", "me", "whole", "and", "to"]

  /// Where the words stand that ask for a number.
  private static func trigger(in words: [String]) -> (start: Int, end: Int)? {
    words.indices.lazy.compactMap { start in triggerLength(at: words[start...]).map { (start, start + $0) } }
      .first
  }

  /// Of how many words it is, where the words start with one; nil where they do not.
  private static func triggerLength(at words: ArraySlice<String>) -> Int? {
    triggers.first { words.starts(with: $0) }?.count
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
    ["quantity", "of"], ["no", "of"], ["nr", "of"],
  ]

  private static let conjunctions: Set<String> = ["and", "or", "plus"]

  /// What may stand before a noun and says nothing.
  private static let leading: Set<String> = [
    "of", "the", "all", "a", "an", "these", "those", "any", "individual", "visible", "up", "your", "my",
    "total", "in", "about", "for", "what", "please", "just",
  ]

  private static let pronouns: Set<String> = [
    "them", "they", "it", "these", "those", "ones", "there", "times", "each", "em",
  ]

  private static let verbs: Set<String> = [
    "are", "is", "there", "were", "do", "does", "can", "could", "you", "see",
  ]

  /// How exactly is to be counted, and that all are.
  private static let manners: Set<String> = [
    "total", "overall", "altogether", "exactly", "precisely", "approximately", "roughly",
  ]

  /// What ends a noun.
  private static let ends: Set<String> = verbs.union(manners).union([
    "in", "on", "at", "with", "within", "have", "has", "i", "we", "here", "this", "that", "the", "visible",
    "shown", "seen", "exist", "exists", "appear", "appears", "present", "for", "please", "who", "which",
    "whose",
    "from", "under", "behind", "above", "below", "near", "next", "beside", "to", "inside", "between", "by",
    "without", "left", "right", "around", "was", "it", "now", "would", "should", "did", "tell", "if", "might",
    "will",
  ])

  /// What may follow a noun without narrowing it down.
  private static let neutral: Set<String> = verbs.union(manners).union([
    "in", "on", "at", "within", "have", "has", "i", "we", "here", "this", "that", "the", "visible", "shown",
    "seen", "found", "exist", "exists", "appear", "appears", "present", "for", "please", "me", "picture",
    "image", "photo", "photograph", "pic", "scene", "show", "shows", "be", "it", "now", "your", "my", "a",
    "tell", "find", "spot", "contain", "contains", "would", "say", "view",
    "frame", "if", "any", "out", "around", "all", "and", "got", "might", "will", "think", "count", "notice",
    "identify", "detect", "displayed", "depicted", "pictured",
  ])
}
