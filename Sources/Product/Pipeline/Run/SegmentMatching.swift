public import CrayonCore
import Vocabulary

/// Finds the map's segments that an answer's regions mean: of the phrase's category the one whose box is nearest, each
/// at most once, in the order of the answer, so that what is said later changes nothing of what was meant before. Words
/// that mean one of a kind ("cup number 2", "the leftmost cup") leave but that one. A region so found takes the segment's
/// box and mask, which follow the picture's edges where a decoded box only says which one is meant, and says so
/// (``CrayonCore/Region/via``).
public struct SegmentMatching: Sendable {
  private let map: PanopticMap
  private let vocabulary: CategoryTable
  private let usesBoxes: Bool

  /// - Parameters:
  ///   - vocabulary: by whose categories the map's segments are named
  ///   - usesBoxes: false to take the first segment that the words leave, wherever the box is
  public init(_ map: PanopticMap, vocabulary: CategoryTable, usesBoxes: Bool = true) {
    self.map = map
    self.vocabulary = vocabulary
    self.usesBoxes = usesBoxes
  }

  /// The regions, with ``Region/segment`` where one was found; others stay as they are.
  /// - Precondition: the regions are of a picture of the map's size.
  public func run(_ regions: Regions) -> Regions {
    var result = regions
    for (region, choice) in choices(for: regions).enumerated() {
      guard let (segment, via) = choice else { continue }
      result.regions[region].via = via
      result.regions[region].segment = segment.id
      result.regions[region].box = PictureBox(segment.box)
      result.regions[region].mask = map.mask(of: segment)
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
    choices(for: regions).map { $0.map { PictureBox($0.segment.box) } }
  }

  private func choices(for regions: Regions) -> [(segment: Segment, via: Region.Source)?] {
    precondition(regions.width == map.width && regions.height == map.height)
    var taken: Set<Int32> = []
    return regions.regions.map { region in
      let left = segments(meantBy: region.phrase).filter { !taken.contains($0.id) }
      // Of equal ones the first, so that the same answer always gives the same regions.
      let meant = left.min {
        guard usesBoxes else { return $0.id < $1.id }
        let (first, second) = (PictureBox($0.box), PictureBox($1.box))
        return (region.box.closeness(to: second), $0.id) < (region.box.closeness(to: first), $1.id)
      }
      guard let meant else { return nil }
      taken.insert(meant.id)
      return (meant, usesBoxes && left.count > 1 ? .box : .words)
    }
  }

  /// All segments of the phrase's categories, or of each the one that its words pick.
  private func segments(meantBy phrase: String) -> [Segment] {
    let (kind, one) = OneOfAKind.read(phrase)
    let names = Set(vocabulary.categories(meantBy: kind).map(\.name))
    let segments = map.segments.filter { names.contains($0.category.name) }
    guard let one else { return segments }
    return Dictionary(grouping: segments, by: \.category.name).values.compactMap(one.pick)
  }
}
