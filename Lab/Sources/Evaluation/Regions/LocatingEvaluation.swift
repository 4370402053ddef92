import CrayonCore

/// How well boxes are found: accuracy at an overlap above one half, as referring expressions are scored (Yu et al.,
/// 2016), and the mean overlap.
///
/// Where a question has several places, each counts for itself, and each region of the answer is held against one of
/// them, the best overlaps first. A place that nothing is held against has no overlap.
public struct LocatingEvaluation: PlaceEvaluation, Sendable {
  /// Questions.
  public private(set) var asked = 0
  /// Places that they have.
  public private(set) var places = 0
  public private(set) var hits = 0
  /// Answers without a region. None of their places is found.
  public private(set) var unparsed = 0
  /// Regions of answers that no place is left for.
  public private(set) var surplus = 0
  private var overlap = 0.0

  public init() {}

  public var accuracy: Double? { places > 0 ? Double(hits) / Double(places) : nil }
  public var meanOverlap: Double? { places > 0 ? overlap / Double(places) : nil }

  public mutating func add(_ sample: RegionSample, _ answer: RegionAnswer) {
    asked += 1
    places += sample.boxes.count
    if answer.regions.isEmpty { unparsed += 1 }
    surplus += max(0, answer.regions.count - sample.boxes.count)
    for value in Self.overlaps(sample.boxes, answer.regions.map(\.box)) {
      overlap += value
      if value > 0.5 { hits += 1 }
    }
  }

  /// Of pairs, the best first; every box is in one at most.
  static func overlaps(_ truth: [PictureBox], _ boxes: [PictureBox]) -> [Double] {
    let pairs = truth.indices.flatMap { place in
      boxes.indices.map { (place: place, box: $0, overlap: truth[place].intersectionOverUnion(boxes[$0])) }
    }.sorted { ($1.overlap, $0.place, $0.box) < ($0.overlap, $1.place, $1.box) }
    var (places, used) = (Set<Int>(), Set<Int>())
    return pairs.compactMap { pair in
      guard !places.contains(pair.place), !used.contains(pair.box) else { return nil }
      places.insert(pair.place)
      used.insert(pair.box)
      return pair.overlap
    }
  }

  private enum Key: String, CodingKey {
    case asked, places, accuracy_at_50, mean_iou, unparsed, surplus_regions
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(asked, forKey: .asked)
    try container.encode(places, forKey: .places)
    try container.encode(accuracy, forKey: .accuracy_at_50)
    try container.encode(meanOverlap, forKey: .mean_iou)
    try container.encode(unparsed, forKey: .unparsed)
    try container.encode(surplus, forKey: .surplus_regions)
  }

  public static var columns: [String] {
    ["asked", "places", "accuracy at 0.5", "mean IoU", "unparsed", "surplus"]
  }

  public var cells: [String] {
    [
      String(asked), String(places), .percent(accuracy), .percent(meanOverlap), String(unparsed),
      String(surplus),
    ]
  }
}
