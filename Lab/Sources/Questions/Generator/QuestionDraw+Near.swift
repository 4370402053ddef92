import CrayonCore
import Vocabulary

// What is in a part of the picture, on something, beside something, and what somebody carries: things, with their numbers.
extension QuestionDraw {
  private static let nothing = "Nothing that I know."
  /// How often that is asked for where a picture has it so. Most that people could do they do not, and on most tables nothing
  /// is seen: drawn as it comes, it is the safe answer. A picture is tried until it has given its questions, so the chance of
  /// each trial is small.
  private static let nothingToo = 0.05

  /// A third of the picture, and how people say it.
  private enum Part: CaseIterable {
    case left, right, top, bottom, middle

    var words: [String] {
      switch self {
      case .left: ["on the left", "on the left side", "in the left part"]
      case .right: ["on the right", "on the right side", "in the right part"]
      case .top: ["at the top", "in the upper part"]
      case .bottom: ["at the bottom", "in the lower part"]
      case .middle: ["in the middle", "in the centre", "in the center"]
      }
    }

    /// - Parameters:
    ///   - x: from the left, a fraction of the width
    ///   - y: from above
    func holds(_ x: Double, _ y: Double) -> Bool {
      switch self {
      case .left: x < 0.4
      case .right: x > 0.6
      case .top: y < 0.4
      case .bottom: y > 0.6
      case .middle: (0.3...0.7).contains(x) && (0.3...0.7).contains(y)
      }
    }
  }

  mutating func part() -> Question? {
    guard let part = numbers.pick(Part.allCases), let words = numbers.pick(part.words) else { return nil }
    return answer { lies($0, in: part) }.flatMap { answer in
      ask(.part, WordingFilling(relation: words), answer: answer)
    }
  }

  private func lies(_ member: PictureFacts.Member, in part: Part) -> Bool {
    part.holds(
      member.centre.x / Double(facts.map.width), member.centre.y / Double(facts.map.height))
  }

  /// Of a kind that the picture has, whether any of it is there or not.
  mutating func partCount() -> Question? {
    let kinds = facts.things.filter(\.isCountable)
    guard let part = numbers.pick(Part.allCases), let words = numbers.pick(part.words),
      let kind = numbers.pick(kinds)
    else { return nil }
    let number = kind.members.count { lies($0, in: part) }
    guard number <= Self.mostCounted, number > 0 || numbers.chance(0.3) else { return nil }
    return ask(
      .partCount, WordingFilling(noun: NounPhrase(all: kind.noun), relation: words),
      answer: "\(Self.thereAre(number, kind.noun)) \(part.words[0]).", value: String(number),
      category: kind.category)
  }

  /// What carries things.
  private static let supports: Set<String> = [
    "dining table", "table-merged", "counter", "shelf", "bed", "couch", "bench", "chair",
  ]

  /// Something that carries things, and how it is called.
  private mutating func drawSupport() -> (support: PictureFacts.Member, phrase: NounPhrase)? {
    let there = facts.groups.filter { Self.supports.contains($0.category.name) && $0.members.count == 1 }
    guard let group = numbers.pick(there), let support = group.members.first else { return nil }
    let isTable = group.category.name.contains("table")
    let noun = isTable && numbers.chance(0.6) ? Noun("table") : spokenNoun(of: group.category)
    return (support, NounPhrase(theOnly: noun))
  }

  private func lies(_ member: PictureFacts.Member, on support: PictureFacts.Member) -> Bool {
    !Self.supports.contains(member.segment.category.name) && member.segment.area < support.segment.area
      && support.segment.box.contains(member.centre)
  }

  /// Of a kind that the picture has, whether any of it is there or not.
  mutating func onTopCount() -> Question? {
    guard let (support, phrase) = drawSupport() else { return nil }
    let kinds = facts.things.filter { $0.isCountable && !Self.supports.contains($0.category.name) }
    guard let kind = numbers.pick(kinds) else { return nil }
    let number = kind.members.count { lies($0, on: support) }
    guard number <= Self.mostCounted, number > 0 || numbers.chance(0.3) else { return nil }
    return ask(
      .onTopCount, WordingFilling(noun: NounPhrase(all: kind.noun), other: phrase),
      answer: "\(Self.thereAre(number, kind.noun)) on \(phrase.definite).", value: String(number),
      category: kind.category)
  }

  mutating func onTop() -> Question? {
    guard let (support, phrase) = drawSupport() else {
      guard numbers.chance(0.01) else { return nil }
      let absent = facts.absent.filter { Self.supports.contains($0.name) }
      return numbers.pick(absent).flatMap { absent in
        ask(
          .onTop, WordingFilling(noun: NounPhrase(theOnly: spokenNoun(of: absent))),
          answer: Self.thereAre(0, Noun(absent)) + ".")
      }
    }
    return answer { lies($0, on: support) }.flatMap { answer in
      guard answer != Self.nothing || numbers.chance(Self.nothingToo) else { return nil }
      return ask(.onTop, WordingFilling(noun: phrase), answer: answer)
    }
  }

  mutating func beside() -> Question? {
    guard let (group, anchor) = drawMember(onlyThings: true), let phrase = phrase(for: anchor, in: group) else {
      return nil
    }
    let gap = 0.08 * Double(facts.map.width)
    return answer { member in
      member.segment.id != anchor.segment.id && member.segment.box.distance(to: anchor.segment.box) <= gap
    }.flatMap { answer in ask(.beside, WordingFilling(noun: phrase), answer: answer) }
  }

  /// What people and animals do with things.
  private enum Doing: CaseIterable {
    case carrying, playing, riding, wearing, eating, drinking, resting

    var verbs: [String] {
      switch self {
      case .carrying: ["carrying", "holding", "using"]
      case .playing: ["playing with", "playing"]
      case .riding: ["riding", "riding on"]
      case .wearing: ["wearing"]
      case .eating: ["eating", "having for lunch", "cutting"]
      case .drinking: ["drinking from", "drinking out of"]
      case .resting: ["sitting on", "standing on", "lying on", "sleeping on"]
      }
    }

    /// Whether animals do it too.
    var isAnimals: Bool { self == .playing || self == .resting }

    /// What fits, by full names.
    var fitting: Set<String> {
      switch self {
      case .carrying:
        [
          "umbrella", "handbag", "backpack", "suitcase", "cell phone", "remote", "tennis racket",
          "baseball bat",
          "baseball glove", "frisbee", "kite", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "book",
          "laptop",
          "teddy bear", "scissors", "toothbrush", "hair drier", "sports ball", "surfboard", "snowboard",
          "skateboard",
          "banana", "apple", "sandwich", "hot dog", "pizza", "donut", "cake", "vase", "bowl",
        ]
      case .playing:
        ["frisbee", "sports ball", "kite", "tennis racket", "baseball bat", "teddy bear", "skateboard"]
      case .riding:
        ["bicycle", "motorcycle", "horse", "elephant", "skateboard", "surfboard", "snowboard", "skis", "boat"]
      case .wearing: ["tie", "backpack", "baseball glove", "skis"]
      case .eating:
        [
          "banana", "apple", "orange", "carrot", "broccoli", "sandwich", "hot dog", "pizza", "donut", "cake",
          "food-other-merged", "fruit",
        ]
      case .drinking: ["cup", "wine glass", "bottle"]
      case .resting:
        [
          "chair", "couch", "bench", "bed", "toilet", "horse", "elephant", "motorcycle", "bicycle", "boat",
          "grass-merged",
          "floor-wood", "floor-other-merged", "rug-merged", "pavement-merged", "sand", "snow", "road",
          "dirt-merged",
          "playingfield", "railroad", "platform", "stairs",
        ]
      }
    }
  }

  mutating func doing() -> Question? {
    guard let doing = numbers.pick(Doing.allCases), let verb = numbers.pick(doing.verbs) else { return nil }
    let animals = CategoryGroups.animals
    let subjects = facts.groups.filter {
      $0.category.name == "person" || doing.isAnimals && animals.contains($0.category.name)
    }
    guard let subject = numbers.pick(subjects) else {
      guard facts.absent.contains(where: { $0.name == "person" }), numbers.chance(0.01) else { return nil }
      return ask(
        .doing, WordingFilling(noun: somebody(isOne: true), relation: verb), answer: "There are no people.")
    }
    guard subject.isCountable else { return nil }
    let isOne = subject.members.count == 1
    let phrase =
      subject.category.name == "person"
      ? somebody(isOne: isOne)
      : isOne ? NounPhrase(theOnly: subject.noun) : NounPhrase(all: subject.noun)
    return answer(stuffToo: true) { member in
      doing.fitting.contains(member.segment.category.name) && member.segment.category != subject.category
        && subject.members.contains { $0.segment.box.distance(to: member.segment.box) == 0 }
    }.flatMap { answer in
      guard answer != Self.nothing || numbers.chance(Self.nothingToo) else { return nil }
      return ask(.doing, WordingFilling(noun: phrase, relation: verb), answer: answer)
    }
  }

  /// "the woman", "he", "the players", "they"
  private mutating func somebody(isOne: Bool) -> NounPhrase {
    let words = ["man", "woman", "person", "boy", "girl", "lady", "guy", "child", "player", "baby", "kid"]
    let noun = Noun(numbers.pick(words) ?? "person")
    var phrase = isOne ? NounPhrase(theOnly: noun) : NounPhrase(all: noun)
    if numbers.chance(0.25) { phrase.definite = isOne ? numbers.chance(0.5) ? "he" : "she" : "they" }
    return phrase
  }

  /// "2 cups and 1 bowl." of what a condition holds for; nil where it holds for something that is not counted.
  private func answer(stuffToo: Bool = false, where holds: (PictureFacts.Member) -> Bool) -> String? {
    var found: [PictureFacts.Group] = []
    for group in stuffToo ? facts.groups : facts.things {
      var group = group
      group.members.removeAll { !holds($0) }
      guard !group.members.isEmpty else { continue }
      guard group.isCountable || !group.category.isThing else { return nil }
      found.append(group)
    }
    return found.isEmpty ? Self.nothing : Self.kinds(found) + "."
  }
}

extension PixelBox {
  fileprivate func contains(_ point: (x: Double, y: Double)) -> Bool {
    Double(x0) <= point.x && point.x < Double(x1) && Double(y0) <= point.y && point.y < Double(y1)
  }

  /// Between the nearest sides, in pixels; 0 where they touch or overlap.
  fileprivate func distance(to other: PixelBox) -> Double {
    let across = max(0, max(x0, other.x0) - min(x1, other.x1))
    let down = max(0, max(y0, other.y0) - min(y1, other.y1))
    return Double(across * across + down * down).squareRoot()
  }
}
