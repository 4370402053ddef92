public import CrayonCore

/// The nouns by which a vocabulary's categories are known, singular and plural.
struct CategoryNouns {
  private typealias Relation = CountingQuestion.InexactNoun.Relation

  /// What a noun means.
  struct Meaning: Equatable {
    var categories: [Category]
    /// nil where these are exactly what is meant.
    var relation: CountingQuestion.InexactNoun.Relation?
    /// What it may mean as well.
    var others: [Category] = []

    /// All that it can mean.
    var all: [Category] { categories + others }

    /// What is to be known where such a noun is counted.
    func inexact(_ noun: String) -> [CountingQuestion.InexactNoun] {
      let others = others.map { CountingQuestion.InexactNoun(noun: noun, categories: [$0], relation: .other) }
      switch relation {
      case nil: return others
      case .wider?: return [.init(noun: noun, categories: categories, relation: .wider)] + others
      case let relation?:
        return categories.map { .init(noun: noun, categories: [$0], relation: relation) } + others
      }
    }
  }

  /// What is said of any thing at all.
  private static let anything = ["thing", "object", "item"].map { Noun($0) }

  /// By the noun without spaces, as people write "hotdog" and "skate board".
  private var meanings: [String: Meaning] = [:]
  /// Those that mean one thing, and those that mean several: "skis" are never one.
  private var singulars: Set<String> = []
  private var plurals: Set<String> = []
  /// How many words a noun can be written in; questions can be any length.
  private var mostWords = 0

  private static let coco = CategoryNouns(listing: .coco)

  /// COCO's is made once: it takes as long as many questions.
  init(_ table: CategoryTable) { self = table == .coco ? Self.coco : Self(listing: table) }

  private init(listing table: CategoryTable) {
    let keyed = table.categories.map { (key: Self.key($0.name), category: $0) }
    let named = Dictionary(grouping: keyed, by: \.key).mapValues { $0.map(\.category) }
    func categories(_ name: String) -> [Category] { named[Self.key(name)] ?? [] }
    func addAll(_ names: [(noun: String, category: String)], _ relation: Relation?) {
      for (noun, name) in names {
        for category in categories(name) { add(Noun(noun), category, relation) }
      }
    }
    // Before the category's own noun, which is that of a pair.
    addAll(EverydayNames.halves, .half)
    for category in table.categories {
      add(Noun(category), category)
      add(Noun(Noun.listed(category.name)), category)
    }
    let own = Set(meanings.keys)
    func isOwn(_ noun: Noun) -> Bool { own.contains(Self.key(noun.one)) }
    for noun in Self.anything where !isOwn(noun) {
      for category in table.categories where category.isThing { add(noun, category) }
    }
    for group in CategoryGroups.all {
      let members = Set(group.members.map(Self.key))
      let there = keyed.filter { members.contains($0.key) }
      // With a category for all others of the group, as COCO's for fruit, none is outside.
      let isWhole = isOwn(group.noun) || !group.isOpen && Set(there.map(\.key)) == members
      let units = group.unit.map { [$0, Plural.of($0)] } ?? []
      for (_, category) in there {
        add(group.noun, category, isWhole ? nil : .wider)
        add(forms: units.map { "\($0) of \(group.noun.many)" }, category, isWhole ? nil : .wider)
      }
    }
    addAll(EverydayNames.exact.filter { !isOwn(Noun($0.noun)) } + EverydayNames.forms, nil)
    addAll(EverydayNames.narrower + EverydayNames.alsoNarrower, .narrower)
    addAll(EverydayNames.wider, .wider)
    for (noun, usual, other) in EverydayNames.ambiguous {
      for key in Set(Self.forms(Noun(noun)).map(Self.key)) {
        guard meanings[key]?.categories.contains(where: categories(usual).contains) == true else { continue }
        meanings[key]?.others += categories(other)
      }
    }
  }

  /// A name as it is looked up: in small letters, without spaces, marks, and what only COCO says.
  private static func key(_ name: String) -> String { CountingQuestion.words(Noun.listed(name)).joined() }

  /// A word that the vocabulary has for itself keeps that meaning.
  private mutating func add(_ noun: Noun, _ category: Category, _ relation: Relation? = nil) {
    singulars.insert(Self.key(noun.one))
    plurals.insert(Self.key(noun.many))
    add(forms: Self.forms(noun), category, relation)
  }

  private mutating func add(forms: some Sequence<String>, _ category: Category, _ relation: Relation?) {
    for form in forms {
      let words = CountingQuestion.words(form)
      mostWords = max(mostWords, words.count, 2)
      let key = words.joined()
      var meaning = meanings[key] ?? Meaning(categories: [], relation: relation)
      guard meaning.relation == relation else { continue }
      if !meaning.categories.contains(category) { meaning.categories.append(category) }
      meanings[key] = meaning
    }
  }

  /// As people write it, one and several; also the plural of grass, which has none.
  private static func forms(_ noun: Noun) -> Set<String> {
    Plural.spellings(noun.one).union([noun.one, noun.many, noun.counted(2).trimmingNumber])
  }

  /// What a phrase means: the longest noun at its end ("red wine glasses"), or before a participle ("people
  /// wearing hats"). An apostrophe at its end is a plural that was misspelled ("dog's"), as nothing is there to be owned.
  func find(_ phrase: [String]) -> (noun: String, meaning: Meaning, restriction: [String])? {
    var words = phrase
    if let last = words.popLast() { words.append(last.replacing(/['’]s?$/, with: "")) }
    for length in stride(from: min(words.count, mostWords), to: 0, by: -1) {
      let noun = words.suffix(length)
      if let found = meanings[noun.joined()] {
        return (noun.joined(separator: " "), found, words.dropLast(length))
      }
    }
    for length in stride(from: min(words.count - 1, mostWords), to: 0, by: -1)
    where words[length].hasSuffix("ing") || words[length].hasSuffix("ed") {
      let noun = words.prefix(length)
      if let found = meanings[noun.joined()] {
        return (noun.joined(separator: " "), found, Array(words.dropFirst(length)))
      }
    }
    return nil
  }

  /// Whether a phrase names one thing: "the bus" has a number that is no count.
  func isSingular(_ phrase: [String]) -> Bool { canBeOne(phrase[...]) && !plurals.contains(phrase.joined()) }

  /// Whether a phrase may name one thing: "bus", "sheep".
  func canBeOne(_ phrase: ArraySlice<String>) -> Bool { singulars.contains(phrase.joined()) }

  /// Every noun among words, the longest in each place.
  func findAll(_ words: [String]) -> [(words: Range<Int>, noun: String, meaning: Meaning)] {
    var found: [(words: Range<Int>, noun: String, meaning: Meaning)] = []
    var start = 0
    while start < words.count {
      let lengths = stride(from: min(words.count - start, mostWords), to: 0, by: -1)
      let longest = lengths.lazy.compactMap { length in
        let place = start..<start + length
        return meanings[words[place].joined()].map {
          (words: place, noun: words[place].joined(separator: " "), meaning: $0)
        }
      }.first
      if let longest { found.append(longest) }
      start = longest?.words.upperBound ?? start + 1
    }
    return found
  }

  /// Whether a noun is said of any thing at all, and so names none.
  static func isAnything(_ noun: String) -> Bool { anything.contains { [$0.one, $0.many].contains(noun) } }
}

extension String {
  /// "pairs of scissors" of "2 pairs of scissors"
  fileprivate var trimmingNumber: String { String(drop { $0.isNumber || $0 == " " }) }
}

extension CategoryTable {
  /// What the noun of a phrase means: "the red cups" are of the category "cup". Usually one category, several where a
  /// word means either ("table"), none where the table has no category for it.
  public func categories(meantBy phrase: String) -> [Category] {
    CategoryNouns(self).find(CountingQuestion.words(phrase))?.meaning.all ?? []
  }

  /// The nouns of a text that COCO has categories for and this table has none, in their order. Where one says what kind
  /// of another is meant ("an orange ball"), that other is named alone.
  public func unseenNouns(in text: String) -> [String] {
    guard self != .coco else { return [] }
    let written = CountingQuestion.split(text)
    // "The zebra's tail" is said of a zebra.
    let words = written.map { $0.lowercased().replacing(/['’]s?$/, with: "") }
    let coco = CategoryNouns(.coco)
    let nouns = coco.findAll(words)
    let known = CategoryNouns(self).findAll(words).map(\.words)
    // Of each word that is part of a known noun, where that ends.
    let ends = Dictionary(
      known.flatMap { place in place.map { ($0, place.upperBound) } }, uniquingKeysWith: max)
    let starts = Set(nouns.map(\.words.lowerBound) + known.map(\.lowerBound))
    func tellsTheKind(_ noun: Range<Int>) -> Bool {
      starts.contains(noun.upperBound) && coco.canBeOne(words[noun])
        && text[written[noun.upperBound - 1].endIndex..<written[noun.upperBound].startIndex].allSatisfy(
          \.isWhitespace)
    }
    return nouns.filter { noun in
      ends[noun.words.lowerBound].map { $0 < noun.words.upperBound } ?? true && !tellsTheKind(noun.words)
    }.map(\.noun)
  }

  /// Where a text names something that the table has categories for, in its order; of several nouns in one place the
  /// longest counts. Words for anything at all ("object") name nothing.
  public func mentions(in text: String) -> [NounMention] {
    let words = CountingQuestion.split(text)
    return CategoryNouns(self).findAll(words.map { $0.lowercased() })
      .filter { !CategoryNouns.isAnything($0.noun) }
      .map { found in
        // "#2 cup" is the second cup.
        let number = words[..<found.words.lowerBound].last.flatMap { word in
          text[..<word.startIndex].last == "#" ? Int(word) : nil
        }
        let phrase = (number.map { ["#\($0)"] } ?? []) + words[found.words].map(String.init)
        return NounMention(
          phrase: phrase.joined(separator: " "), number: number, categories: found.meaning.categories)
      }
  }
}

/// A place in a text that names something.
public struct NounMention: Sendable, Equatable {
  /// As it is written, with its number: "cups", "#2 cup".
  public let phrase: String
  /// Which one of its category is meant, from 1, as prompts number them; nil for all.
  public let number: Int?
  /// What it means.
  public let categories: [Category]
}
