import CrayonCore
import Vocabulary

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
