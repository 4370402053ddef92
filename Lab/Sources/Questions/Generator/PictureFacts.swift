import CrayonCore
import Scenes
import Vocabulary

/// What a map tells, arranged as questions need it.
struct PictureFacts {
  /// A segment among those of its category.
  struct Member {
    var segment: Segment
    /// From 1, in increasing order of ids.
    var number: Int
    var attributes: SegmentAttributes?

    var centre: (x: Double, y: Double) { segment.box.centre }
  }

  /// All segments of a category.
  struct Group {
    var category: Category
    var noun: Noun
    /// Never empty; in increasing order of ids.
    var members: [Member]

    /// Where several objects are one segment, nobody knows how many they are.
    var isCountable: Bool { category.isThing && !members.contains { $0.segment.isCrowd } }
  }

  let map: PanopticMap
  /// In the order of their first segments' ids.
  let groups: [Group]
  /// Categories of the vocabulary that are not in the picture, nor anything that might pass for them.
  let absent: [Category]

  init(_ map: PanopticMap, attributes: [Int32: SegmentAttributes], categories: CategoryTable) {
    self.map = map
    var groups: [Group] = []
    var places: [Int: Int] = [:]
    for segment in map.segments {
      let place = places[segment.category.id] ?? groups.count
      if place == groups.count {
        places[segment.category.id] = place
        groups.append(Group(category: segment.category, noun: Noun(segment.category), members: []))
      }
      groups[place].members.append(
        Member(
          segment: segment, number: groups[place].members.count + 1, attributes: attributes[segment.id]))
    }
    self.groups = groups
    let present = Set(groups.map(\.category.name))
    absent = categories.categories.filter { category in
      !present.contains(category.name)
        && CategoryKinship.relatives(of: category.name).isDisjoint(with: present)
    }
  }

  var things: [Group] { groups.filter(\.category.isThing) }
  var stuff: [Group] { groups.filter { !$0.category.isThing } }

  /// What colours are known, of any segment.
  var colours: Set<String> { Set(groups.flatMap(\.members).compactMap(\.attributes?.colour)) }

  /// How many segments a category has.
  func number(of category: Category) -> Int {
    groups.first { $0.category.id == category.id }?.members.count ?? 0
  }

  /// Whether a segment is seen well enough to be asked about alone.
  func isClear(_ member: Member) -> Bool {
    let (width, height) = (Double(map.width), Double(map.height))
    return Double(member.segment.area) >= 0.0015 * width * height
      && (member.attributes?.visibleFraction ?? 1) >= 0.35
  }
}

/// How one thing stands to another.
enum Relation: CaseIterable {
  case left, right, above, below, inFront, behind

  var words: [String] {
    switch self {
    case .left: ["to the left of", "left of"]
    case .right: ["to the right of", "right of"]
    case .above: ["above", "higher up than"]
    case .below: ["below", "lower down than"]
    case .inFront: ["in front of", "closer than"]
    case .behind: ["behind", "farther away than"]
    }
  }

  /// What holds where this does not.
  var opposite: Relation {
    switch self {
    case .left: .right
    case .right: .left
    case .above: .below
    case .below: .above
    case .inFront: .behind
    case .behind: .inFront
    }
  }

  /// Behind a thing that stands so to what was named before: "to its left", "behind it".
  /// - Parameter many: whether that is spoken of as several
  func place(besideMany many: Bool) -> String {
    let (it, its) = many ? ("them", "their") : ("it", "its")
    return switch self {
    case .left: "to \(its) left"
    case .right: "to \(its) right"
    case .above: "above \(it)"
    case .below: "below \(it)"
    case .inFront: "in front of \(it)"
    case .behind: "behind \(it)"
    }
  }

  /// Whether the first stands so to the second; nil where people might differ, or nothing says. Stuff lies around things,
  /// and a centre of it says little: what stands to it so, or not, is wholly on one side of it.
  func holds(
    _ first: PictureFacts.Member, _ second: PictureFacts.Member, width: Int, height: Int
  ) -> Bool? {
    if !first.segment.category.isThing || !second.segment.category.isThing {
      guard isApart(first.segment.box, second.segment.box) else { return nil }
    }
    let right = (second.centre.x - first.centre.x) / Double(width)
    let down = (second.centre.y - first.centre.y) / Double(height)
    switch self {
    case .left: return Self.isClear(right, 0.1)
    case .right: return Self.isClear(-right, 0.1)
    case .above: return Self.isClear(down, 0.12)
    case .below: return Self.isClear(-down, 0.12)
    case .inFront, .behind:
      guard let near = first.attributes?.distance, let far = second.attributes?.distance,
        near > 0, far > 0
      else { return nil }
      let farther = (far - near) / min(near, far)
      return Self.isClear(self == .inFront ? farther : -farther, 0.12)
    }
  }

  /// Whether two boxes share nothing on the axis that this is about; never on that of depth.
  private func isApart(_ a: PixelBox, _ b: PixelBox) -> Bool {
    switch self {
    case .left, .right: a.x1 <= b.x0 || b.x1 <= a.x0
    case .above, .below: a.y1 <= b.y0 || b.y1 <= a.y0
    case .inFront, .behind: false
    }
  }

  private static func isClear(_ value: Double, _ margin: Double) -> Bool? {
    abs(value) >= margin ? value > 0 : nil
  }
}
