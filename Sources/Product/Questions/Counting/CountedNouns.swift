import CrayonCore

/// The nouns by which a vocabulary's categories are known, singular and plural.
struct CountedNouns {
  private var categories: [String: [Category]] = [:]
  /// How many words the longest of them has; questions can be any length.
  private var mostWords = 0

  private static let coco = CountedNouns(listing: .coco)

  /// COCO's is made once: it takes as long as many questions.
  init(_ table: CategoryTable) { self = table == .coco ? Self.coco : Self(listing: table) }

  private init(listing table: CategoryTable) {
    for category in table.categories {
      add(Noun(category), category)
      add(Noun(Noun.plain(category.name)), category)
      if category.isThing {
        for word in ["thing", "object", "item"] { add(Noun(word), category) }
      }
    }
    for (noun, name) in EverydayNames.exact + EverydayNames.loose {
      guard let category = table.category(named: name) else { continue }
      add(Noun(noun), category)
    }
  }

  private mutating func add(_ noun: Noun, _ category: Category) {
    var forms: Set = [noun.one, noun.many, noun.counted(2).trimmingNumber]
    // Grass has no plural, but is asked for in one.
    if noun.grammar == .mass { forms.insert(Plural.of(noun.one)) }
    for form in forms {
      let words = CountingQuestion.words(form)
      mostWords = max(mostWords, words.count)
      let key = words.joined(separator: " ")
      if categories[key]?.contains(category) != true { categories[key, default: []].append(category) }
    }
  }

  /// What a phrase means: the longest noun at its end ("red wine glasses"), or before a participle ("people
  /// wearing hats").
  func find(_ words: [String]) -> (categories: [Category], restriction: [String])? {
    for length in stride(from: min(words.count, mostWords), to: 0, by: -1) {
      if let found = categories[words.suffix(length).joined(separator: " ")] {
        return (found, words.dropLast(length))
      }
    }
    for length in stride(from: min(words.count - 1, mostWords), to: 0, by: -1)
    where words[length].hasSuffix("ing") || words[length].hasSuffix("ed") {
      if let found = categories[words.prefix(length).joined(separator: " ")] {
        return (found, Array(words.dropFirst(length)))
      }
    }
    return nil
  }

  /// Every noun of a text, the longest in each place.
  func findAll(_ words: [String]) -> [(noun: String, categories: [Category])] {
    var found: [(noun: String, categories: [Category])] = []
    var rest = words[...]
    while !rest.isEmpty {
      let lengths = stride(from: min(rest.count, mostWords), to: 0, by: -1)
      let longest = lengths.lazy.compactMap { length in
        let noun = rest.prefix(length).joined(separator: " ")
        return categories[noun].map { (length: length, noun: noun, categories: $0) }
      }.first
      if let longest { found.append((longest.noun, longest.categories)) }
      rest = rest.dropFirst(longest?.length ?? 1)
    }
    return found
  }
}

extension String {
  /// "pairs of scissors" of "2 pairs of scissors"
  fileprivate var trimmingNumber: String { String(drop { $0.isNumber || $0 == " " }) }
}
