import CrayonCore
import Vocabulary

// Where, and beside what: questions about one thing, or all of a kind.
extension QuestionDraw {
  /// Words that mean this segment and no other: its kind where it is the only one, else where it is among
  /// its kind, or its number in the listing.
  mutating func phrase(for member: PictureFacts.Member, in group: PictureFacts.Group) -> NounPhrase? {
    guard group.members.count > 1 else { return NounPhrase(theOnly: group.noun) }
    let margin = 0.06 * Double(facts.map.width)
    let others = group.members.filter { $0.segment.id != member.segment.id }.map(\.centre.x)
    var one: OneOfAKind?
    if others.allSatisfy({ member.centre.x < $0 - margin }) {
      one = .leftmost
    } else if others.allSatisfy({ member.centre.x > $0 + margin }) {
      one = .rightmost
    }
    // The numbering has no names above.
    if member.number <= 20, one == nil || numbers.chance(0.3) { one = .number(member.number) }
    return one.map { NounPhrase(group.noun, $0) }
  }

  /// A segment that can be asked about alone, from any category with the same chance.
  mutating func drawMember(
    onlyThings: Bool, where isFit: (PictureFacts.Member) -> Bool = { _ in true }
  ) -> (group: PictureFacts.Group, member: PictureFacts.Member)? {
    let groups = onlyThings ? facts.things : facts.groups
    guard let group = numbers.pick(groups) else { return nil }
    let members = group.members.filter { facts.isClear($0) && !$0.segment.isCrowd && isFit($0) }
    // The outermost are the ones that people tell apart; they are drawn more often.
    let columns = group.members.map(\.centre.x)
    let ends = (columns.min() ?? 0, columns.max() ?? 0)
    return numbers.pick(members) { $0.centre.x == ends.0 || $0.centre.x == ends.1 ? 3 : 1 }.map { (group, $0) }
  }

  mutating func whereIs() -> Question? {
    if numbers.chance(0.1) { return whereIsNothing() }
    guard let group = numbers.pick(facts.groups.filter { $0.category.isThing || $0.members.count == 1 }),
      !group.members.contains(where: \.segment.isCrowd)
    else { return nil }
    if group.members.count > 1, numbers.chance(0.4) {
      guard let member = numbers.pick(group.members), let phrase = phrase(for: member, in: group) else {
        return nil
      }
      return whereIs(phrase, group.category, [member])
    }
    guard group.members.allSatisfy(facts.isClear) || numbers.chance(0.3) else { return nil }
    let isOnly = group.members.count == 1
    return whereIs(
      isOnly ? NounPhrase(theOnly: group.noun) : NounPhrase(all: group.noun), group.category, group.members,
      asked: isOnly ? NounPhrase(theOnly: spokenOnly(group.category)) : nil)
  }

  /// The most places of one kind that an answer names.
  static let mostRegions = 4

  /// - Parameter asked: in the question, where that has other words than the answer
  private mutating func whereIs(
    _ phrase: NounPhrase, _ category: Category, _ members: [PictureFacts.Member], asked: NounPhrase? = nil
  ) -> Question? {
    let named = Array(members.prefix(Self.mostRegions))
    var places = named.map { _ in Question.regionMark }
    let left = members.count - named.count
    if left > 0 { places.append(left == 1 ? "1 more place" : "\(left) more places") }
    return ask(
      .whereIs, WordingFilling(noun: asked ?? phrase), answer: "\(phrase.subject) at \(places.enumerated).",
      category: category, regions: named)
  }

  private mutating func whereIsNothing() -> Question? {
    guard let polling = numbers.pick(Polling.allCases),
      let category = absentCategory(polling, onlyThings: false)
    else { return nil }
    let noun = Noun(category)
    let phrase = numbers.chance(0.5) ? NounPhrase(theOnly: noun) : NounPhrase(all: noun)
    return ask(
      .whereIs, WordingFilling(noun: phrase), answer: "\(Self.thereAre(0, noun)).", value: "0",
      category: category)
  }

  mutating func relation() -> Question? {
    let onlyThings = numbers.chance(0.7)
    guard let (firstGroup, first) = drawMember(onlyThings: onlyThings),
      let (secondGroup, second) = drawMember(onlyThings: onlyThings), first.segment.id != second.segment.id,
      let relation = numbers.pick(Relation.allCases),
      let holds = relation.holds(first, second, width: facts.map.width, height: facts.map.height),
      let words = numbers.pick(relation.words), let phrase = phrase(for: first, in: firstGroup),
      let other = self.phrase(for: second, in: secondGroup)
    else { return nil }
    // Both places and how they stand come before the verdict, so that each follows from what is said already.
    let (mark, value) = (Question.regionMark, holds ? "yes" : "no")
    let place = (holds ? relation : relation.opposite).place(besideMany: other.definiteIsPlural)
    return ask(
      .relation, WordingFilling(noun: phrase, other: other, relation: words),
      answer: "\(other.subject) at \(mark), \(phrase.definite) at \(mark) \(place): \(value).", value: value,
      category: firstGroup.category, regions: [second, first])
  }
}

// What is at a place.
extension QuestionDraw {
  mutating func region() -> Question? {
    let member = numbers.chance(0.75) ? clearMember() : nil
    guard let box = member?.segment.box ?? boxAnywhere(), let (segment, isThing) = dominant(in: box) else {
      return nil
    }
    // The box of a wine glass is about the glass, however much of the person behind it is seen there.
    if let member, member.segment.id != segment.id { return nil }
    let noun = Noun(segment.category)
    guard isThing || numbers.chance(0.5) else { return nil }
    return ask(
      .region, answer: noun.withArticle.capitalizedSentence + ".", value: segment.category.name,
      category: segment.category, inputRegions: [box])
  }

  private mutating func clearMember() -> PictureFacts.Member? {
    numbers.pick(facts.groups).flatMap { numbers.pick($0.members) }.flatMap { facts.isClear($0) ? $0 : nil }
  }

  private mutating func boxAnywhere() -> PixelBox? {
    let (width, height) = (facts.map.width, facts.map.height)
    guard width >= 16, height >= 16 else { return nil }
    let size = (numbers.whole(width / 10...width / 3), numbers.whole(height / 10...height / 3))
    let corner = (numbers.whole(0...width - size.0), numbers.whole(0...height - size.1))
    return PixelBox(x0: corner.0, y0: corner.1, x1: corner.0 + size.0, y1: corner.1 + size.1)
  }

  /// The segment that people would name when they are shown the box. A thing must fill much of it and more than
  /// any other; stuff nearly all of it, as things stand out.
  private func dominant(in box: PixelBox) -> (segment: Segment, isThing: Bool)? {
    let areas = areas(in: box)
    guard let most = areas.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      let segment = facts.map.segments.first(where: { $0.id == most.key })
    else { return nil }
    let fraction = Double(most.value) / Double(box.width * box.height)
    if segment.category.isThing { return fraction >= 0.4 ? (segment, true) : nil }
    return fraction >= 0.75 ? (segment, false) : nil
  }

  /// Pixels of every id, by runs along the rows.
  private func areas(in box: PixelBox) -> [Int32: Int] {
    var areas: [Int32: Int] = [:]
    for y in box.y0..<box.y1 {
      let row = facts.map.ids[y * facts.map.width + box.x0..<y * facts.map.width + box.x1]
      var start = row.startIndex
      while start < row.endIndex {
        let end = row[start...].firstIndex { $0 != row[start] } ?? row.endIndex
        areas[row[start], default: 0] += end - start
        start = end
      }
    }
    return areas
  }
}
