import CrayonCore
import Vocabulary

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
