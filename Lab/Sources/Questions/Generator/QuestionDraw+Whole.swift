import CrayonCore
import Vocabulary

// Questions about the whole picture, and those that have no answer in it.
extension QuestionDraw {
  mutating func list() -> Question? {
    guard !facts.things.contains(where: { !$0.isCountable }) else { return nil }
    return ask(.list, answer: (things + stuff).enumerated.capitalizedSentence + ".")
  }

  /// "3 cups", "1 bowl"
  private var things: [String] { facts.things.map { $0.noun.counted($0.members.count) } }

  /// "a table", "grass"
  private var stuff: [String] { facts.stuff.map(\.noun.withArticle) }

  /// "3 cups <at> <at> <at> and a red bowl <at>, with a table and a wall.": all in the order of the listing, things
  /// with their places where they are few of a kind.
  mutating func describe() -> Question? {
    guard !facts.things.isEmpty else { return nil }
    var regions: [PictureFacts.Member] = []
    let parts = facts.things.map { group in
      guard group.isCountable else { return group.noun.many }
      let placed = group.members.count <= Self.mostRegions ? group.members : []
      regions += placed
      let words =
        group.members.count == 1
        ? Self.described(group.noun, colour: group.members[0].attributes?.colour)
        : group.noun.counted(group.members.count)
      return ([words] + placed.map { _ in Question.regionMark }).joined(separator: " ")
    }
    let rest = stuff.isEmpty ? "." : ", with \(stuff.enumerated)."
    return ask(.describe, answer: parts.enumerated.capitalizedSentence + rest, regions: regions)
  }

  /// "a red cup", "an orange bowl", "a pair of red scissors"; but "an orange" where that says it all.
  private static func described(_ noun: Noun, colour: String?) -> String {
    guard let colour, colour != noun.one else { return noun.withArticle }
    return noun.coloured(colour).withArticle
  }

  mutating func unknownCategory() -> Question? {
    let words = mayHoldOut ? UnknownNouns.kept + UnknownNouns.heldOut : UnknownNouns.kept
    guard let word = numbers.pick(words) else { return nil }
    let noun = Noun(word)
    return ask(
      .unknownCategory, WordingFilling(noun: NounPhrase(theOnly: noun)),
      answer: "I do not know what \(noun.withArticle) looks like.", value: word)
  }

  /// Stuff is named all the same.
  mutating func nothingKnown() -> Question? {
    let rest = stuff.isEmpty ? "." : ", only \(stuff.enumerated)."
    return ask(.nothingKnown, answer: "I see none of the things I know" + rest)
  }

  /// Whatever the picture shows.
  mutating func unrelated() -> Question? {
    ask(.unrelated, answer: "That is not about the picture.")
  }
}

// What the map cannot tell is said to be so.
extension QuestionDraw {
  /// "How many women are there?", "Are there puppies?"
  mutating func narrower() -> Question? {
    let isThere = numbers.chance(0.8)
    let present = Set(facts.things.map(\.category.name))
    let absent = Set(facts.absent.map(\.name))
    let words = EverydayNames.narrower.filter { (isThere ? present : absent).contains($0.category) }
    // People are asked for most, and by most words.
    guard let (word, name) = numbers.pick(words) else { return nil }
    let noun = Noun(word)
    let group = facts.groups.first { $0.category.name == name }
    if let group, !group.isCountable { return nil }
    guard let kind = (group?.category ?? facts.absent.first { $0.name == name }).map({ Noun($0) }) else {
      return nil
    }
    let number = group?.members.count ?? 0
    let phrase = numbers.chance(0.5) ? NounPhrase(all: noun) : NounPhrase(theOnly: noun)
    let isMany = number > 1
    let answer =
      number == 0
      ? Self.thereAre(0, kind)
      : "I see \(kind.counted(number)); I cannot tell whether \(isMany ? "they are" : "it is") "
        + (isMany ? noun.many : noun.withArticle)
    return ask(.narrower, WordingFilling(noun: phrase), answer: answer + ".", value: number == 0 ? "0" : nil)
  }

  mutating func unknowable() -> Question? {
    guard let group = numbers.pick(facts.things), let member = group.members.first,
      let phrase = phrase(for: member, in: group)
    else { return nil }
    return ask(.unknowable, WordingFilling(noun: phrase), answer: "I cannot tell that from the picture.")
  }

  mutating func otherLanguage() -> Question? {
    ask(.otherLanguage, answer: "Please ask me in English.")
  }
}
