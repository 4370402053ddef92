import CrayonCore

/// Questions about one picture while they are drawn. Each family has its own extension with one method,
/// which returns nil where the picture does not allow the question.
struct QuestionDraw {
  let facts: PictureFacts
  let mayHoldOut: Bool
  var numbers: SplitMix64

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
    case .compare: compare()
    case .relation: relation()
    case .whereIs: whereIs()
    case .region: region()
    case .list: list()
    case .describe: describe()
    case .unknownCategory: unknownCategory()
    case .nothingKnown: nothingKnown()
    case .unrelated: unrelated()
    }
  }

  /// The families that the picture allows.
  var families: [QuestionFamily] {
    QuestionFamily.allCases.filter { family in
      switch family {
      case .nothingKnown: facts.things.isEmpty
      case .list, .describe, .relation, .compare: !facts.things.isEmpty
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

  /// As people type: mostly a proper sentence, often without a capital, or without the mark at the end.
  private mutating func styled(_ question: String) -> String {
    var question = numbers.chance(0.75) ? question.capitalizedSentence : question
    if numbers.chance(0.2), let last = question.last, "?.".contains(last) { question.removeLast() }
    return question
  }

  /// A category's noun, now and then by another name that people use for it.
  mutating func spokenNoun(of category: Category) -> Noun {
    let others = EverydayNames.exact.filter { $0.category == category.name }
    guard !others.isEmpty, numbers.chance(0.08), let other = numbers.pick(others) else {
      return Noun(category)
    }
    return Noun(other.noun)
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
        return Double(together.map { present.intersection($0).count }.max() ?? 0)
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
