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
