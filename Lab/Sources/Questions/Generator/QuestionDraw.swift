import CrayonCore
import Vocabulary

/// Questions about one picture while they are drawn. Each family has its own extension with one method,
/// which returns nil where the picture does not allow the question.
struct QuestionDraw {
  let facts: PictureFacts
  let mayHoldOut: Bool
  let misspells: Bool
  var numbers: QuestionNumbers

  /// A question of a family.
  mutating func question(_ family: QuestionFamily) -> Question? {
    switch family {
    case .count: count()
    case .stuffCount: stuffCount()
    case .existence: existence()
    case .colour: colour()
    case .colours: colours()
    case .isColour: isColour()
    case .colouredCount: colouredCount()
    case .colouredExistence: colouredExistence()
    case .colouredWhere: colouredWhere()
    case .whichOne: whichOne()
    case .anybody: anybody()
    case .who: who()
    case .group: group()
    case .groupExistence: groupExistence()
    case .groupCount: groupCount()
    case .part: part()
    case .partCount: partCount()
    case .twoCounts: twoCounts()
    case .onTop: onTop()
    case .onTopCount: onTopCount()
    case .beside: beside()
    case .doing: doing()
    case .purpose: purpose()
    case .compare: compare()
    case .relation: relation()
    case .whereIs: whereIs()
    case .region: region()
    case .list: list()
    case .describe: describe()
    case .unknownCategory: unknownCategory()
    case .nothingKnown: nothingKnown()
    case .unrelated: unrelated()
    case .narrower: narrower()
    case .unknowable: unknowable()
    case .otherLanguage: otherLanguage()
    }
  }

  /// The families that the picture allows.
  var families: [QuestionFamily] {
    QuestionFamily.allCases.filter { family in
      switch family {
      case .nothingKnown: facts.things.isEmpty
      case .list, .describe, .relation, .compare, .twoCounts, .partCount, .beside, .purpose, .unknowable:
        !facts.things.isEmpty
      default: !QuestionFamily.ofColours.contains(family) || !facts.colours.isEmpty
      }
    }
  }

  /// What all families have in common: a wording is drawn and filled.
  mutating func ask(
    _ family: QuestionFamily, _ filling: WordingFilling = WordingFilling(), answer: String,
    value: String? = nil, category: Category? = nil, regions: [PictureFacts.Member] = [],
    inputRegions: [PixelBox] = []
  ) -> Question? {
    guard let drawn = family.wordings.draw(mayBeHeldOut: mayHoldOut, using: &numbers) else { return nil }
    return Question(
      family: family, wording: drawn.number, isHeldOut: drawn.isHeldOut,
      question: styled(drawn.wording.text(filling)), answer: answer, value: value, category: category?.name,
      regions: regions.map { Question.Region(id: $0.segment.id, box: $0.segment.box) },
      inputRegions: inputRegions)
  }

  /// As people type: mostly a proper sentence, often without a capital, or without the mark at the end; now and then politely,
  /// with letters mixed up, a space forgotten, or more marks than one.
  private mutating func styled(_ question: String) -> String {
    var question = numbers.chance(0.75) ? question.capitalizedSentence : question
    if numbers.chance(0.2), let last = question.last, "?.".contains(last) { question.removeLast() }
    guard misspells else { return question }
    switch numbers.real(0...1) {
    case ..<0.02: question = "Please, \(question)"
    case ..<0.04: question += " Please"
    case ..<0.06 where question.hasSuffix("?"): question += "??"
    case ..<0.08: question = question.replacingOccurrences(of: "there", with: "their")
    case ..<0.14: misspell(&question)
    default: break
    }
    return question
  }

  /// Swaps two letters within a word, doubles or forgets one, or forgets a space. Regions stay as they are.
  private mutating func misspell(_ question: inout String) {
    var letters = Array(question)
    let inner = letters.indices.dropFirst(2).dropLast(2).filter { place in
      letters[place - 1...place + 1].allSatisfy { $0.isLetter && $0.isLowercase }
    }
    let spaces = letters.indices.dropFirst(4).filter { letters[$0] == " " && letters[$0 - 1].isLetter }
    guard let place = numbers.pick(inner), let space = numbers.pick(spaces) else { return }
    switch numbers.whole(0...3) {
    case 0: letters.swapAt(place, place + 1)
    case 1: letters.insert(letters[place], at: place)
    case 2: letters.remove(at: place)
    default: letters.remove(at: space)
    }
    question = String(letters)
  }

  /// A category's noun, now and then by another name that people use for it.
  mutating func spokenNoun(of category: Category) -> Noun {
    let others = EverydayNames.exact.filter { $0.category == category.name }
    guard !others.isEmpty, numbers.chance(0.08), let other = numbers.pick(others) else {
      return Noun(category)
    }
    return Noun(other.noun)
  }

  /// Where there is no doubt which thing is meant: "the woman" for the only person.
  mutating func spokenOnly(_ category: Category) -> Noun {
    let words = EverydayNames.narrower.filter { $0.category == category.name }
    guard category.name == "person", numbers.chance(0.4), let word = numbers.pick(words) else {
      return spokenNoun(of: category)
    }
    return Noun(word.noun)
  }

  /// A category that is not in the picture.
  /// - Parameter isThing: whether only things will do
  mutating func absentCategory(_ polling: Polling, onlyThings: Bool) -> Category? {
    let absent = facts.absent.filter { $0.isThing || !onlyThings }
    let present = Set(facts.groups.map(\.category.name))
    switch polling {
    case .random: return numbers.pick(absent)
    case .popular: return numbers.pick(absent.filter { CategoryKinship.popular.contains($0.name) })
    case .adversarial:
      return numbers.pick(absent) { category in
        let together = CategoryKinship.contexts.filter { $0.contains(category.name) }
        let sounds = CategoryKinship.soundsLike(category.name, oneOf: present) ? 4.0 : 0
        // A cat where there is a dog: both are pets.
        let isKin = CategoryGroups.all.contains {
          $0.members.contains(category.name) && !$0.members.isDisjoint(with: present)
        }
        return sounds + (isKin ? 3 : 0) + Double(together.map { present.intersection($0).count }.max() ?? 0)
      }
    }
  }
}

extension Array where Element == String {
  /// "a", "a and b", "a, b and c"
  var enumerated: String {
    guard let last, count > 1 else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}
