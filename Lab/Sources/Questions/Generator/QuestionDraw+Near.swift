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

  mutating func onTop() -> Question? {
    guard let holder = drawHolder() else {
      guard numbers.chance(0.01) else { return nil }
      let absent = facts.absent.filter { Holding.furniture.holders.contains($0.name) }
      return numbers.pick(absent).flatMap { absent in
        ask(
          .onTop, WordingFilling(noun: NounPhrase(theOnly: spokenNoun(of: absent)), relation: "on"),
          answer: Self.thereAre(0, Noun(absent)) + ".")
      }
    }
    return answer(stuffToo: holder.holding == .vessel) { holds(holder, $0) }.flatMap { answer in
      guard isToBeAsked(answer, nothing: Self.nothingToo) else { return nil }
      return ask(
        .onTop, WordingFilling(noun: holder.phrase, relation: holder.holding.relation), answer: answer)
    }
  }

  /// Of a kind that the picture has, whether any of it is there or not.
  mutating func onTopCount() -> Question? {
    guard let holder = drawHolder() else { return nil }
    let kinds = facts.things.filter { $0.isCountable && holder.holding.mayHold($0.category) }
    guard let kind = numbers.pick(kinds) else { return nil }
    let number = kind.members.count { holds(holder, $0) }
    guard number <= Self.mostCounted, number > 0 || numbers.chance(0.3) else { return nil }
    let relation = holder.holding.relation
    return ask(
      .onTopCount, WordingFilling(noun: NounPhrase(all: kind.noun), other: holder.phrase, relation: relation),
      answer: "\(Self.thereAre(number, kind.noun)) \(relation) \(holder.phrase.definite).",
      value: String(number), category: kind.category)
  }

  mutating func beside() -> Question? {
    guard let (group, anchor) = drawMember(onlyThings: true), let phrase = phrase(for: anchor, in: group) else {
      return nil
    }
    let gap = 0.08 * Double(facts.map.width)
    return answer { member in
      member.segment.id != anchor.segment.id && member.segment.box.distance(to: anchor.segment.box) <= gap
    }.flatMap { answer in
      guard isToBeAsked(answer, nothing: 0.3) else { return nil }
      return ask(.beside, WordingFilling(noun: phrase), answer: answer)
    }
  }

  /// What people and animals do with things.
  private enum Doing: CaseIterable {
    case carrying, playing, throwing, flying, reading, riding, driving, moving, leading, wearing, eating,
      drinking, resting

    var verbs: [String] {
      switch self {
      case .carrying: ["carrying", "holding", "using"]
      case .playing: ["playing with", "playing"]
      case .throwing: ["throwing", "catching", "kicking", "hitting", "jumping for"]
      case .flying: ["flying"]
      case .reading: ["reading", "looking at", "watching"]
      case .riding: ["riding", "riding on"]
      case .driving: ["driving", "driving in", "sitting in", "travelling in"]
      case .moving: ["pushing", "pulling"]
      case .leading: ["walking with", "leading", "feeding", "petting"]
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
      case .playing: Purpose.playing.fitting
      case .riding:
        ["bicycle", "motorcycle", "horse", "elephant", "skateboard", "surfboard", "snowboard", "skis", "boat"]
      case .throwing: ["frisbee", "sports ball"]
      case .flying: ["kite"]
      case .reading: ["book", "laptop", "cell phone", "tv"]
      case .driving: ["car", "truck", "bus", "boat", "train"]
      case .moving: ["suitcase", "bicycle", "motorcycle"]
      case .leading: CategoryGroups.animals
      case .wearing: ["tie", "backpack", "baseball glove", "skis"]
      case .eating: Purpose.eating.fitting
      case .drinking: Purpose.drinking.fitting
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
    // Of several people, one is spoken of as often as all: whoever does it is meant.
    let isOne = subject.members.count == 1 || subject.category.name == "person" && numbers.chance(0.5)
    let phrase =
      subject.category.name == "person"
      ? somebody(isOne: isOne)
      : isOne ? NounPhrase(theOnly: subject.noun) : NounPhrase(all: subject.noun)
    return answer(stuffToo: true) { member in
      doing.fitting.contains(member.segment.category.name) && member.segment.category != subject.category
        && subject.members.contains { $0.segment.box.distance(to: member.segment.box) == 0 }
    }.flatMap { answer in
      guard isToBeAsked(answer, nothing: Self.nothingToo) else { return nil }
      return ask(.doing, WordingFilling(noun: phrase, relation: verb), answer: answer)
    }
  }

  /// What there is to eat, to drink from and the like.
  mutating func purpose() -> Question? {
    guard let purpose = numbers.pick(Purpose.allCases), let words = numbers.pick(purpose.words) else {
      return nil
    }
    return answer(stuffToo: true) { purpose.fitting.contains($0.segment.category.name) }.flatMap { answer in
      guard isToBeAsked(answer, nothing: Self.nothingToo) else { return nil }
      return ask(.purpose, WordingFilling(relation: words), answer: answer)
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

  /// - Parameter nothing: how often what has no other answer is asked
  private mutating func isToBeAsked(_ answer: String, nothing: Double) -> Bool {
    answer != Self.nothing || numbers.chance(nothing)
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

/// How things are on or in something.
private enum Holding: CaseIterable {
  case furniture, vessel, sky, wall, ground, water

  /// What holds things so, by full names.
  var holders: Set<String> {
    switch self {
    case .furniture: ["dining table", "table-merged", "counter", "shelf", "bed", "couch", "bench", "chair"]
    case .vessel: ["bowl", "vase"]
    case .sky: ["sky-other-merged"]
    case .wall: ["wall-other-merged", "wall-brick", "wall-stone", "wall-tile", "wall-wood"]
    case .ground:
      ["grass-merged", "road", "pavement-merged", "snow", "sand", "playingfield", "dirt-merged", "floor-wood"]
    case .water: ["water-other", "sea", "river"]
    }
  }

  var relation: String {
    switch self {
    case .vessel, .sky, .water: "in"
    case .furniture, .wall, .ground: "on"
    }
  }

  /// Whether something of a kind can be there.
  func mayHold(_ category: Category) -> Bool {
    switch self {
    case .furniture: !holders.contains(category.name)
    case .vessel: Self.contents.contains(category.name)
    case .sky: ["airplane", "kite", "bird", "frisbee", "sports ball"].contains(category.name)
    case .wall: ["clock", "tv"].contains(category.name)
    case .ground: category.isThing && category.name != "kite" && category.name != "airplane"
    case .water:
      ["boat", "surfboard", "person", "bird", "elephant", "dog", "cow", "horse"].contains(category.name)
    }
  }

  private static let contents: Set<String> = Purpose.eating.fitting.union([
    "spoon", "fork", "flower", "potted plant",
  ])
}

extension QuestionDraw {
  /// Something that holds things, and how it is called.
  private struct Holder {
    var holding: Holding
    var segment: Segment
    var phrase: NounPhrase
  }

  /// Furniture as often as all else.
  private mutating func drawHolder() -> Holder? {
    guard let holding = numbers.chance(0.5) ? .furniture : numbers.pick(Holding.allCases) else { return nil }
    let there = facts.groups.filter { holding.holders.contains($0.category.name) && $0.members.count == 1 }
    guard let group = numbers.pick(there), let segment = group.members.first?.segment else { return nil }
    let name = group.category.name
    let plain =
      name.contains("table")
      ? "table" : name.hasPrefix("wall") ? "wall" : name.hasPrefix("floor") ? "floor" : nil
    let noun = plain.flatMap { numbers.chance(0.6) ? Noun($0) : nil } ?? spokenNoun(of: group.category)
    return Holder(holding: holding, segment: segment, phrase: NounPhrase(theOnly: noun))
  }

  private func holds(_ holder: Holder, _ member: PictureFacts.Member) -> Bool {
    let (box, support) = (member.segment.box, holder.segment)
    guard holder.holding.mayHold(member.segment.category), member.segment.id != support.id else { return false }
    switch holder.holding {
    case .furniture: return member.segment.area < support.area && support.box.contains(member.centre)
    case .vessel:
      // Flowers stand out of a vase.
      return support.category.name == "vase"
        ? support.box.distance(to: box) == 0 : support.box.contains(member.centre)
    case .sky, .wall: return facts.neighbours(of: box).count { $0 == support.id } >= 2
    case .ground, .water: return facts.below(box).contains(support.id)
    }
  }
}

extension PictureFacts {
  /// The segments' ids just outside the middles of a box's sides, where that is in the picture.
  fileprivate func neighbours(of box: PixelBox) -> [Int32] {
    let (x, y, gap) = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, 1 + map.width / 128)
    return [(box.x0 - gap, y), (box.x1 + gap, y), (x, box.y0 - gap), (x, box.y1 + gap)].compactMap(id)
  }

  /// Those just below it, at its quarters.
  fileprivate func below(_ box: PixelBox) -> [Int32] {
    [1, 2, 3].compactMap { id(box.x0 + box.width * $0 / 4, box.y1 + map.height / 128) }
  }

  private func id(_ x: Int, _ y: Int) -> Int32? {
    (0..<map.width).contains(x) && (0..<map.height).contains(y) ? map.ids[y * map.width + x] : nil
  }
}

/// What things are for.
private enum Purpose: CaseIterable {
  case eating, drinking, sitting, sleeping, playing, reading, cutting, riding

  var words: [String] {
    switch self {
    case .eating: ["to eat", "that one can eat", "edible"]
    case .drinking: ["to drink", "to drink from", "to drink out of"]
    case .sitting: ["to sit on", "to sit down on"]
    case .sleeping: ["to sleep on", "to lie on"]
    case .playing: ["to play with", "to play outside with"]
    case .reading: ["to read"]
    case .cutting: ["to cut with", "sharp"]
    case .riding: ["to ride", "to ride on", "to travel with"]
    }
  }

  /// What fits, by full names.
  var fitting: Set<String> {
    switch self {
    case .eating: CategoryGroups.food
    case .drinking: ["cup", "wine glass", "bottle"]
    case .sitting: CategoryGroups.seats
    case .sleeping: ["bed", "couch"]
    case .playing:
      ["frisbee", "sports ball", "kite", "tennis racket", "baseball bat", "teddy bear", "skateboard"]
    case .reading: ["book"]
    case .cutting: ["knife", "scissors"]
    case .riding: ["bicycle", "motorcycle", "horse", "bus", "train", "car", "skateboard", "boat"]
    }
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
