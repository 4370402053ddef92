import CrayonCore
import Vocabulary

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
