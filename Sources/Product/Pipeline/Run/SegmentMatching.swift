public import CrayonCore
import Questions

/// Finds the map's segments that an answer's regions mean: those of the phrase's category, each at most once, the best
/// pairs of boxes first. A region so found takes the segment's box and mask, which follow the picture's edges where
/// a decoded box only says which one is meant.
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
    precondition(regions.width == map.width && regions.height == map.height)
    var pairs: [(region: Int, segment: Int, closeness: Double)] = []
    for (index, region) in regions.regions.enumerated() {
      let names = Set(vocabulary.categories(meantBy: region.phrase).map(\.name))
      for (place, segment) in map.segments.enumerated() where names.contains(segment.category.name) {
        pairs.append((index, place, region.box.closeness(to: PictureBox(segment.box))))
      }
    }
    var result = regions
    var taken: Set<Int> = []
    // Equal ones in the order of the answer and of the map, so that the same answer always gives the same regions.
    for pair in pairs.sorted(by: {
      ($1.closeness, $0.region, $0.segment) < ($0.closeness, $1.region, $1.segment)
    })
    where result.regions[pair.region].segment == nil && !taken.contains(pair.segment) {
      taken.insert(pair.segment)
      let segment = map.segments[pair.segment]
      result.regions[pair.region].segment = segment.id
      result.regions[pair.region].box = PictureBox(segment.box)
      result.regions[pair.region].mask = RunLengthMask(
        width: map.width, height: map.height, pixels: map.ids.map { $0 == segment.id })
      result.regions[pair.region].score = segment.score
    }
    // What was noted of a mask is of no use where the segment's stands.
    let found = Set(result.regions.filter { $0.segment != nil }.map(\.trigger))
    result.notes.removeAll { note in
      (note.kind == .maskEmpty || note.kind == .maskNotFinite) && found.contains(note.trigger)
    }
    return result
  }
}
