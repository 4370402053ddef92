import CrayonCore
import Vocabulary

// How many, whether any, and which are more.
extension QuestionDraw {
  /// The most that is counted: the numbering goes to 20.
  static let mostCounted = 20

  mutating func count() -> Question? {
    if numbers.chance(0.03) {
      guard let polling = numbers.pick(Polling.allCases),
        let category = absentCategory(polling, onlyThings: true)
      else { return nil }
      return count(0, of: category)
    }
    // Few of a kind are far more common than many; evened out, so that a guess does not pay.
    let groups = facts.groups.filter(\.isCountable)
    guard let group = numbers.pick(groups, weight: { 0.5 + 0.5 * Double($0.members.count) }) else { return nil }
    if group.members.count == 1, numbers.chance(0.4) { return nil }
    return count(group.members.count, of: group.category)
  }

  private mutating func count(_ number: Int, of category: Category) -> Question? {
    let noun = spokenNoun(of: category)
    return ask(
      .count, WordingFilling(noun: NounPhrase(all: noun)), answer: Self.counted(number, Noun(category)),
      value: String(number), category: category)
  }

  /// "There are 3 cups.", "There are more than 20 cups."
  private static func counted(_ number: Int, _ noun: Noun) -> String {
    number > mostCounted ? "There are more than \(mostCounted) \(noun.many)." : "\(thereAre(number, noun))."
  }

  /// Two kinds, of which the second may be absent.
  mutating func twoCounts() -> Question? {
    let groups = facts.things.filter { $0.isCountable && $0.members.count <= Self.mostCounted }
    guard let first = numbers.pick(groups) else { return nil }
    var pair = [first]
    if numbers.chance(0.75), let second = numbers.pick(groups.filter { $0.category.id != first.category.id }) {
      pair.append(second)
    }
    var kinds = pair.map { (category: $0.category, number: $0.members.count) }
    if kinds.count < 2 {
      guard let absent = absentCategory(.adversarial, onlyThings: true) else { return nil }
      kinds.append((absent, 0))
    }
    if numbers.chance(0.5) { kinds.swapAt(0, 1) }
    let nouns = kinds.map { Noun($0.category) }
    return ask(
      .twoCounts, WordingFilling(noun: NounPhrase(all: nouns[0]), other: NounPhrase(all: nouns[1])),
      answer: "\(Self.thereAre(kinds[0].number, nouns[0])) and \(nouns[1].counted(kinds[1].number)).")
  }

  mutating func who() -> Question? {
    guard let person = person, person.group?.isCountable != false else { return nil }
    let number = person.group?.members.count ?? 0
    return ask(
      .who, answer: Self.counted(number, Noun(person.category)), value: String(number),
      category: person.category)
  }

  mutating func anybody() -> Question? {
    guard let person = person else { return nil }
    let isThere = person.group != nil
    return ask(
      .anybody, answer: isThere ? "Yes." : "No.", value: isThere ? "yes" : "no", category: person.category)
  }

  /// nil where the vocabulary has no people.
  private var person: (category: Category, group: PictureFacts.Group?)? {
    let group = facts.groups.first { $0.category.name == "person" }
    return (group?.category ?? facts.absent.first { $0.name == "person" }).map { ($0, group) }
  }

  /// Stuff is one segment, however many trees that shows: the map does not tell their number, only whether there are none.
  mutating func stuffCount() -> Question? {
    let isThere = numbers.chance(0.75)
    let categories = isThere ? facts.stuff.map(\.category) : facts.absent.filter { !$0.isThing }
    guard let category = numbers.pick(categories) else { return nil }
    // Those who count grass may well ask for "grasses".
    let noun = spokenNoun(of: category)
    let spoken = noun.grammar == .mass && numbers.chance(0.5) ? Noun(noun.one) : noun
    return ask(
      .stuffCount, WordingFilling(noun: NounPhrase(all: spoken)),
      answer: isThere ? Self.uncounted(Noun(category)) : "\(Self.thereAre(0, Noun(category))).",
      value: isThere ? nil : "0", category: category)
  }

  /// "There is a tree, perhaps more than one.", "There is grass, which is not counted."
  private static func uncounted(_ noun: Noun) -> String {
    let be = noun.articleIsPlural ? "are" : "is"
    let rest = noun.grammar == .countable ? "perhaps more than one" : "which \(be) not counted"
    return "There \(be) \(noun.withArticle), \(rest)."
  }

  /// "There are 3 cups", "There is 1 cup", "There are no cups", "There is no grass"
  static func thereAre(_ number: Int, _ noun: Noun) -> String {
    let isPlural = number == 1 ? false : noun.manyIsPlural
    return "There \(isPlural ? "are" : "is") \(noun.counted(number))"
  }

  mutating func existence() -> Question? {
    guard let polling = numbers.pick(Polling.allCases) else { return nil }
    // A picture has fewer categories than it lacks, and none is asked for twice.
    let isThere = numbers.chance(0.53)
    let category =
      isThere ? presentCategory(polling) : absentCategory(polling, onlyThings: numbers.chance(0.6))
    guard let category else { return nil }
    let noun = spokenNoun(of: category)
    var question = ask(
      .existence, WordingFilling(noun: NounPhrase(theOnly: noun)), answer: isThere ? "Yes." : "No.",
      value: isThere ? "yes" : "no", category: category)
    question?.polling = polling
    return question
  }

  /// A popular category's "yes" is asked for among the popular ones too, or its name would tell the answer.
  private mutating func presentCategory(_ polling: Polling) -> Category? {
    let categories = facts.groups.map(\.category)
    if polling == .popular {
      let popular = categories.filter { CategoryKinship.popular.contains($0.name) }
      if let category = numbers.pick(popular) { return category }
    }
    return numbers.pick(categories) { $0.isThing ? 1 : 0.6 }
  }

  mutating func compare() -> Question? {
    let groups = facts.groups.filter(\.isCountable)
    guard let first = numbers.pick(groups) else { return nil }
    // Which is said first must not tell the answer; nor must more and fewer outnumber as many.
    var pairs = groups.filter { $0.category.id != first.category.id }
    let equals = pairs.filter { $0.members.count == first.members.count }
    if !equals.isEmpty, numbers.chance(0.75) { pairs = equals }
    var second = numbers.pick(pairs)?.category
    if second == nil || numbers.chance(0.1) {
      second = absentCategory(.adversarial, onlyThings: true)
    }
    guard let second else { return nil }
    let isSwapped = numbers.chance(0.5)
    return compare(isSwapped ? second : first.category, isSwapped ? first.category : second)
  }

  private mutating func compare(_ a: Category, _ b: Category) -> Question? {
    let (nouns, counts) = ((Noun(a), Noun(b)), (facts.number(of: a), facts.number(of: b)))
    let (value, words) =
      counts.0 == counts.1
      ? ("equal", ("as many", "as"))
      : counts.0 > counts.1
        ? ("more", ("more", "than")) : ("fewer", ("fewer", "than"))
    // Both numbers come first: the word follows from them.
    let numbered = "\(Self.thereAre(counts.0, nouns.0)) and \(nouns.1.counted(counts.1))"
    return ask(
      .compare, WordingFilling(noun: NounPhrase(all: nouns.0), other: NounPhrase(all: nouns.1)),
      answer: "\(numbered): \(words.0) \(nouns.0.many) \(words.1) \(nouns.1.many).", value: value, category: a)
  }
}

// Several kinds at once: which animals, whether any fruit, how many vehicles. Answers name the kinds with their numbers,
// in the order of the listing, before what follows from them.
extension QuestionDraw {
  /// A group, and what the picture has of it.
  private struct Asked {
    var noun: Noun
    var groups: [PictureFacts.Group]

    /// "2 dogs and 1 cat"
    var found: String { QuestionDraw.kinds(groups) }
    var number: Int { groups.reduce(0) { $0 + $1.members.count } }
  }

  mutating func group() -> Question? {
    guard let asked = drawGroup() else { return nil }
    let answer =
      switch asked.number {
      case 0: Self.thereAre(0, asked.noun)
      case 1: asked.groups[0].noun.withArticle
      default: asked.found
      }
    return ask(
      .group, WordingFilling(noun: NounPhrase(all: asked.noun)), answer: answer.capitalizedSentence + ".")
  }

  mutating func groupExistence() -> Question? {
    guard let asked = drawGroup() else { return nil }
    return ask(
      .groupExistence, WordingFilling(noun: NounPhrase(theOnly: asked.noun)),
      answer: asked.groups.isEmpty ? "No." : "Yes: \(asked.found).", value: asked.groups.isEmpty ? "no" : "yes")
  }

  mutating func groupCount() -> Question? {
    guard let asked = drawGroup(), asked.groups.allSatisfy(\.category.isThing) else { return nil }
    // What is not counted, as furniture, people count all the same.
    let isMass = asked.noun.grammar == .mass
    let answer =
      switch asked.groups.count {
      case 0: Self.thereAre(0, asked.noun)
      case 1: isMass ? asked.found : Self.thereAre(asked.number, asked.noun)
      default: "\(asked.found): \(isMass ? "\(asked.number) in all" : asked.noun.counted(asked.number))"
      }
    return ask(
      .groupCount, WordingFilling(noun: NounPhrase(all: isMass ? Noun(asked.noun.one) : asked.noun)),
      answer: answer + ".", value: String(asked.number))
  }

  /// Mostly one that the picture has something of.
  private mutating func drawGroup() -> Asked? {
    let asked = CategoryGroups.all.map { group in
      Asked(noun: group.noun, groups: facts.groups.filter { group.members.contains($0.category.name) })
    }
    let isThere = numbers.chance(0.75)
    guard let one = numbers.pick(asked.filter { $0.groups.isEmpty != isThere }),
      one.groups.allSatisfy({ $0.isCountable || !$0.category.isThing }), one.number <= Self.mostCounted
    else { return nil }
    return one
  }

  /// "2 dogs, 1 cat and grass": things with their numbers, stuff as it is.
  static func kinds(_ groups: [PictureFacts.Group]) -> String {
    groups.map { $0.category.isThing ? $0.noun.counted($0.members.count) : $0.noun.withArticle }.enumerated
  }
}
