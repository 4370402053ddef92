public import CrayonCore

/// The nouns by which a vocabulary's categories are known, singular and plural.
struct CategoryNouns {
  /// How much of its categories a noun means.
  enum Scope: Equatable {
    case exact, narrower, wider
  }

  /// What a noun means.
  struct Meaning: Equatable {
    var categories: [Category]
    var scope: Scope
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
    for category in table.categories {
      add(Noun(category), category)
      add(Noun(Noun.listed(category.name)), category)
      if category.isThing {
        for noun in Self.anything { add(noun, category) }
      }
    }
    for group in CategoryGroups.all {
      for category in table.categories where group.members.contains(category.name) { add(group.noun, category) }
    }
    let names: [([(noun: String, category: String)], Scope)] = [
      (EverydayNames.exact + EverydayNames.forms, .exact),
      (EverydayNames.narrower + EverydayNames.alsoNarrower, .narrower),
      (EverydayNames.wider, .wider),
    ]
    for (names, scope) in names {
      for (noun, name) in names {
        guard let category = table.category(named: name) else { continue }
        add(Noun(noun), category, scope)
      }
    }
  }

  /// A word that the vocabulary has for itself keeps that meaning.
  private mutating func add(_ noun: Noun, _ category: Category, _ scope: Scope = .exact) {
    singulars.insert(CountingQuestion.words(noun.one).joined())
    plurals.insert(CountingQuestion.words(noun.many).joined())
    // Also the plural of grass, which has none.
    let forms = Plural.spellings(noun.one).union([noun.one, noun.many, noun.counted(2).trimmingNumber])
    for form in forms {
      let words = CountingQuestion.words(form)
      mostWords = max(mostWords, words.count, 2)
      let key = words.joined()
      var meaning = meanings[key] ?? Meaning(categories: [], scope: scope)
      guard meaning.scope == scope else { continue }
      if !meaning.categories.contains(category) { meaning.categories.append(category) }
      meanings[key] = meaning
    }
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
  func isSingular(_ phrase: [String]) -> Bool {
    singulars.contains(phrase.joined()) && !plurals.contains(phrase.joined())
  }

  /// Every noun among words, the longest in each place.
  func findAll(_ words: [String]) -> [(words: Range<Int>, noun: String, categories: [Category])] {
    var found: [(words: Range<Int>, noun: String, categories: [Category])] = []
    var start = 0
    while start < words.count {
      let lengths = stride(from: min(words.count - start, mostWords), to: 0, by: -1)
      let longest = lengths.lazy.compactMap { length in
        let place = start..<start + length
        return meanings[words[place].joined()].map {
          (words: place, noun: words[place].joined(separator: " "), categories: $0.categories)
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
    CategoryNouns(self).find(CountingQuestion.words(phrase))?.meaning.categories ?? []
  }

  /// The nouns of a text that the table has categories for, each with all that it can mean, in their order. Of several
  /// in one place the longest counts.
  public func nouns(in text: String) -> [(noun: String, categories: [Category])] {
    CategoryNouns(self).findAll(CountingQuestion.words(text)).map { ($0.noun, $0.categories) }
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
          phrase: phrase.joined(separator: " "), number: number, categories: found.categories)
      }
  }
}

/// A place in a text that names something.
public struct NounMention: Sendable, Equatable {
  /// As it is written, with its number: "cups", "#2 cup".
  public let phrase: String
  /// Which one of its category is meant, from 1, as prompts number them; nil for all.
  public let number: Int?
  /// All that it can mean.
  public let categories: [Category]
}
