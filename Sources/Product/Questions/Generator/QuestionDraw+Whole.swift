import CrayonCore

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

  /// The most things that a description names one by one.
  private static let mostDescribed = 5

  /// "A table <at> with a red cup <at>, a bowl <at> and 2 more things.": the largest kind of stuff and the
  /// largest things.
  mutating func describe() -> Question? {
    let all = facts.things.flatMap { group in group.members.map { (group, $0) } }
      .filter { !$0.1.segment.isCrowd }
      .sorted { ($0.1.segment.area, $1.1.segment.id) > ($1.1.segment.area, $0.1.segment.id) }
    guard !all.isEmpty else { return nil }
    let named = all.prefix(Self.mostDescribed)
    var parts = named.map { group, member in
      Self.described(group.noun, colour: member.attributes?.colour) + " " + Question.regionMark
    }
    let left = all.count - named.count
    if left > 0 { parts.append(left == 1 ? "1 more thing" : "\(left) more things") }
    var answer = parts.enumerated
    var regions = named.map(\.1)
    let ground = facts.stuff.max { $0.members[0].segment.area < $1.members[0].segment.area }
    if let ground {
      answer = "\(ground.noun.withArticle) \(Question.regionMark) with \(answer)"
      regions.insert(ground.members[0], at: 0)
    }
    return ask(.describe, answer: answer.capitalizedSentence + ".", regions: regions)
  }

  /// "a red cup", "an orange bowl", "a pair of red scissors"; but "an orange" where that says it all.
  private static func described(_ noun: Noun, colour: String?) -> String {
    guard let colour, colour != noun.one else { return noun.withArticle }
    switch noun.grammar {
    case .countable: return Noun("\(colour) \(noun.one)").withArticle
    case .pair: return "a pair of \(colour) \(noun.many)"
    case .mass, .pluralMass: return "\(colour) \(noun.one)"
    }
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
