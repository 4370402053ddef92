public import CrayonCore
import Questions

/// Finds the map's segments that an answer's regions mean: those of the phrase's category, each at most once, the best
/// pairs of boxes first. Words that mean one of a kind ("cup number 2", "the leftmost cup") leave but that one. A region
/// so found takes the segment's box and mask, which follow the picture's edges where a decoded box only says which one
/// is meant.
public struct SegmentMatching: Sendable {
  private let map: PanopticMap
  private let vocabulary: CategoryTable

  /// - Parameter vocabulary: by whose categories the map's segments are named
  public init(_ map: PanopticMap, vocabulary: CategoryTable) {
    self.map = map
    self.vocabulary = vocabulary
  }

  /// The regions, with ``Region/segment`` where one was found; others stay as they are.
  /// - Precondition: the regions are of a picture of the map's size.
  public func run(_ regions: Regions) -> Regions {
    var result = regions
    for (region, place) in places(meantBy: regions).enumerated() {
      guard let place else { continue }
      let segment = map.segments[place]
      result.regions[region].segment = segment.id
      result.regions[region].box = PictureBox(segment.box)
      result.regions[region].mask = RunLengthMask(
        width: map.width, height: map.height, pixels: map.ids.map { $0 == segment.id })
      result.regions[region].score = segment.score
    }
    // What was noted of a mask is of no use where the segment's stands.
    let found = Set(result.regions.filter { $0.segment != nil }.map(\.trigger))
    result.notes.removeAll { note in
      (note.kind == .maskEmpty || note.kind == .maskNotFinite) && found.contains(note.trigger)
    }
    return result
  }

  /// The box of the segment that each of the regions means; nil where none was found.
  /// - Precondition: the regions are of a picture of the map's size.
  public func boxes(of regions: Regions) -> [PictureBox?] {
    places(meantBy: regions).map { $0.map { PictureBox(map.segments[$0].box) } }
  }

  /// For each region the place in the map's segments of the one that is meant.
  private func places(meantBy regions: Regions) -> [Int?] {
    precondition(regions.width == map.width && regions.height == map.height)
    var pairs: [(region: Int, segment: Int, closeness: Double)] = []
    for (index, region) in regions.regions.enumerated() {
      for place in places(meantBy: region.phrase) {
        pairs.append((index, place, region.box.closeness(to: PictureBox(map.segments[place].box))))
      }
    }
    var result = [Int?](repeating: nil, count: regions.regions.count)
    var taken: Set<Int> = []
    // Equal ones in the order of the answer and of the map, so that the same answer always gives the same regions.
    for pair in pairs.sorted(by: {
      ($1.closeness, $0.region, $0.segment) < ($0.closeness, $1.region, $1.segment)
    })
    where result[pair.region] == nil && !taken.contains(pair.segment) {
      taken.insert(pair.segment)
      result[pair.region] = pair.segment
    }
    return result
  }

  /// Places in the map's segments: all of the phrase's categories, or of each the one that its words pick, by number as
  /// the listing has it or by side.
  private func places(meantBy phrase: String) -> [Int] {
    var words = phrase.lowercased().split(separator: " ")
    var number: Int?
    if words.count > 2, words[words.count - 2] == "number", let last = words.last, let named = Int(last) {
      number = named
      words.removeLast(2)
    }
    let names = Set(vocabulary.categories(meantBy: words.joined(separator: " ")).map(\.name))
    return names.flatMap { name in
      let places = map.segments.indices.filter { map.segments[$0].category.name == name }
      let middle = { (place: Int) in map.segments[place].box.x0 + map.segments[place].box.x1 }
      if let number { return places.indices.contains(number - 1) ? [places[number - 1]] : [] }
      if words.contains("leftmost") { return places.min { middle($0) < middle($1) }.map { [$0] } ?? [] }
      if words.contains("rightmost") { return places.max { middle($0) < middle($1) }.map { [$0] } ?? [] }
      return places
    }
  }
}
