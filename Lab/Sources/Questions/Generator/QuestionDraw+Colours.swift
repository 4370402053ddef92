import CrayonCore
import Vocabulary

// Which colour, and which of a kind have a colour. Answers about a kind name the colours of all first, in the order of
// the listing, so that what follows is read off what is said already.
extension QuestionDraw {
  /// The most of a kind whose colours are named one by one.
  private static let mostColoured = 8

  mutating func colour() -> Question? {
    if numbers.chance(0.06) {
      return absentCategory(.adversarial, onlyThings: true).flatMap { absent in
        let phrase = NounPhrase(theOnly: spokenNoun(of: absent))
        return ask(
          .colour, WordingFilling(noun: phrase), answer: "\(Self.thereAre(0, Noun(absent))).", category: absent)
      }
    }
    guard let (phrase, group, colour) = drawColoured() else { return nil }
    return ask(
      .colour, WordingFilling(noun: phrase), answer: "\(phrase.subject) \(colour).", value: colour,
      category: group.category)
  }

  mutating func isColour() -> Question? {
    guard let (phrase, group, colour) = drawColoured(),
      let asked = numbers.chance(0.5) ? colour : otherColour(than: [colour])
    else { return nil }
    let value = asked == colour ? "yes" : "no"
    return ask(
      .isColour, WordingFilling(noun: phrase, colour: asked), answer: "\(phrase.subject) \(colour): \(value).",
      value: value, category: group.category)
  }

  /// A thing that can be asked about alone, with its colour.
  private mutating func drawColoured() -> (NounPhrase, PictureFacts.Group, colour: String)? {
    guard let (group, member) = drawMember(onlyThings: false, where: { $0.attributes?.colour != nil }),
      let colour = member.attributes?.colour, let phrase = phrase(for: member, in: group)
    else { return nil }
    return (phrase, group, colour)
  }

  mutating func colours() -> Question? {
    guard let (group, colours) = drawColours(), colours.count > 1 else { return nil }
    return ask(
      .colours, WordingFilling(noun: NounPhrase(all: group.noun)),
      answer: Self.sentence(group.noun, colours) + ".", value: colours.enumerated, category: group.category)
  }

  mutating func colouredCount() -> Question? {
    guard let asked = drawAsked() else { return nil }
    return ask(
      .colouredCount, WordingFilling(noun: NounPhrase(all: asked.spoken)),
      answer: "\(asked.sentence): \(asked.noun.counted(asked.places.count)).",
      value: String(asked.places.count), category: asked.category)
  }

  mutating func colouredExistence() -> Question? {
    guard let asked = drawAsked() else { return nil }
    let value = asked.places.isEmpty ? "no" : "yes"
    return ask(
      .colouredExistence, WordingFilling(noun: NounPhrase(theOnly: asked.spoken)),
      answer: "\(asked.sentence): \(value).", value: value, category: asked.category)
  }

  mutating func colouredWhere() -> Question? {
    guard let asked = drawAsked() else { return nil }
    let phrase = asked.places.count > 1 ? NounPhrase(all: asked.spoken) : NounPhrase(theOnly: asked.spoken)
    return pointing(.colouredWhere, at: asked, WordingFilling(noun: phrase))
  }

  mutating func whichOne() -> Question? {
    guard let asked = drawAsked() else { return nil }
    return pointing(
      .whichOne, at: asked, WordingFilling(noun: NounPhrase(all: Noun(asked.category)), colour: asked.colour))
  }

  private mutating func pointing(_ family: QuestionFamily, at asked: Asked, _ filling: WordingFilling)
    -> Question?
  {
    guard asked.places.count <= Self.mostRegions else { return nil }
    // A colour says nothing to those who look for a segment; its number does.
    let found = asked.places.enumerated().map { index, member in
      let one =
        asked.isOnly ? asked.noun.definite : OneOfAKind.number(member.number).phrase(Noun(asked.category).one)
      return index == 0 ? "\(one) is at \(Question.regionMark)" : "\(one) at \(Question.regionMark)"
    }
    return ask(
      family, filling,
      answer: "\(asked.sentence): \(found.isEmpty ? asked.noun.counted(0) : found.enumerated).",
      category: asked.category, regions: asked.places)
  }

  /// Things of a kind that are asked for by a colour.
  private struct Asked {
    var category: Category
    var colour: String
    /// "red cup"
    var noun: Noun
    /// The same as the question has it: "red mug"
    var spoken: Noun
    /// "The cups are red and blue", "There are no cups"
    var sentence: String
    /// Those of the colour.
    var places: [PictureFacts.Member]
    var isOnly: Bool
  }

  /// Mostly by a colour that is there; seldom a kind that is not.
  private mutating func drawAsked() -> Asked? {
    if numbers.chance(0.06) {
      guard let category = absentCategory(.adversarial, onlyThings: true), let colour = otherColour(than: [])
      else { return nil }
      return asked(category, colour, Self.thereAre(0, Noun(category)), [], isOnly: false)
    }
    guard let (group, colours) = drawColours(),
      let colour = numbers.chance(0.6) ? numbers.pick(colours) : otherColour(than: Set(colours))
    else { return nil }
    let places = zip(group.members, colours).filter { $0.1 == colour }.map(\.0)
    return asked(
      group.category, colour, Self.sentence(group.noun, colours), places, isOnly: group.members.count == 1)
  }

  private mutating func asked(
    _ category: Category, _ colour: String, _ sentence: String, _ places: [PictureFacts.Member], isOnly: Bool
  ) -> Asked? {
    let kind = Noun(category)
    guard colour != kind.one else { return nil }
    return Asked(
      category: category, colour: colour, noun: kind.coloured(colour),
      spoken: spokenNoun(of: category).coloured(colour), sentence: sentence, places: places, isOnly: isOnly)
  }

  /// All of a kind, where each is seen well and has a colour.
  private mutating func drawColours() -> (PictureFacts.Group, colours: [String])? {
    let groups = facts.things.filter { group in
      group.isCountable && group.members.count <= Self.mostColoured
        && group.members.allSatisfy { facts.isClear($0) && $0.attributes?.colour != nil }
    }
    return numbers.pick(groups, weight: { Double($0.members.count) }).map { group in
      (group, group.members.compactMap(\.attributes?.colour))
    }
  }

  /// A colour that others in the picture have, or any.
  private mutating func otherColour(than excluded: Set<String>) -> String? {
    let others = facts.colours.subtracting(excluded)
    if numbers.chance(0.6), let other = numbers.pick(others.sorted()) { return other }
    return numbers.pick(CommonColours.names.filter { !excluded.contains($0) })
  }

  /// "The cup is red", "The cups are both red", "The cups are red, blue and red"
  private static func sentence(_ noun: Noun, _ colours: [String]) -> String {
    guard colours.count > 1 else { return "\(NounPhrase(theOnly: noun).subject) \(colours.enumerated)" }
    let words =
      Set(colours).count > 1 ? colours.enumerated : "\(colours.count == 2 ? "both" : "all") \(colours[0])"
    return "\(NounPhrase(all: noun).subject) \(words)"
  }
}
