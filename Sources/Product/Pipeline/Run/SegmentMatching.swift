public import CrayonCore
import Vocabulary

/// Puts the map's segments in the place of an answer's regions: their boxes and masks follow the picture's edges, where a
/// decoded one only says which segment is meant.
public struct SegmentMatching: Sendable {
  /// How much of a decoded box has to be a segment's for it to be meant, as intersection over union.
  public static let leastOverlap = 0.5

  private let map: PanopticMap
  private let vocabulary: CategoryTable

  /// - Parameters:
  ///   - map: whose segments take the regions' places
  ///   - vocabulary: by whose categories the map's segments are named
  public init(_ map: PanopticMap, vocabulary: CategoryTable) {
    self.map = map
    self.vocabulary = vocabulary
  }

  /// Takes the segments that the model points at, or else those that its boxes overlap most; regions of none stay as they
  /// are. The answer's words only check (`Region.agrees`).
  /// - Precondition: the regions are of a picture of the map's size.
  public func byPointing(_ regions: Regions) -> Regions {
    matched(regions) { region in
      func segment(_ id: Int32?) -> Segment? { map.segments.first { $0.id == id } }
      if let pointed = segment(region.segment) { return (pointed, .heads) }
      guard let best = segment(map.segment(at: region.box)),
        region.box.intersectionOverUnion(PictureBox(best.box)) > Self.leastOverlap
      else { return nil }
      return (best, .box)
    }
  }

  /// Takes the first segment that the answer's words leave, each at most once, wherever the model points: what the words
  /// alone are worth, for comparison.
  /// - Precondition: the regions are of a picture of the map's size.
  public func byWords(_ regions: Regions) -> Regions {
    var taken: Set<Int32> = []
    return matched(regions) { region in
      let meant = segments(meantBy: region.phrase)?.first { !taken.contains($0.id) }
      guard let meant else { return nil }
      taken.insert(meant.id)
      return (meant, .words)
    }
  }

  private func matched(
    _ regions: Regions, by choice: (Region) -> (Segment, Region.Source)?
  ) -> Regions {
    precondition(regions.width == map.width && regions.height == map.height)
    var result = regions
    for (index, region) in regions.regions.enumerated() {
      // What was pointed at is not said of a region that is not that segment's.
      result.regions[index].segment = nil
      guard let (segment, via) = choice(region) else { continue }
      result.regions[index] = Region(
        box: PictureBox(segment.box), mask: map.mask(of: segment), phrase: region.phrase, score: segment.score,
        trigger: region.trigger, segment: segment.id, via: via,
        agrees: segments(meantBy: region.phrase)?.contains { $0.id == segment.id })
    }
    return result
  }

  /// All segments of the phrase's categories, or of each the one that its words pick, in increasing id; nil where the phrase
  /// has no category.
  private func segments(meantBy phrase: String) -> [Segment]? {
    let (kind, one) = OneOfAKind.read(phrase)
    let names = Set(vocabulary.categories(meantBy: kind).map(\.name))
    guard !names.isEmpty else { return nil }
    let segments = map.segments.filter { names.contains($0.category.name) }
    guard let one else { return segments }
    return Dictionary(grouping: segments, by: \.category.name).values.compactMap(one.pick).sorted {
      $0.id < $1.id
    }
  }
}
