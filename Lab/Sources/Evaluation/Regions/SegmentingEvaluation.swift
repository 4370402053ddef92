import CrayonCore

/// How well masks are drawn: cumulative overlap (all shared pixels over all covered ones), mean overlap, and how many
/// overlap by more than one half, as referring segmentation is scored (RefCOCO; Liu et al., 2023, GRES).
///
/// All regions of an answer together are held against the truth. An answer without a mask has no pixel.
public struct SegmentingEvaluation: PlaceEvaluation, Sendable {
  public private(set) var asked = 0
  public private(set) var hits = 0
  /// Answers without a region that has a mask.
  public private(set) var unparsed = 0
  private var shared = 0
  private var covered = 0
  private var overlap = 0.0

  public init() {}

  public var cumulativeOverlap: Double? { covered > 0 ? Double(shared) / Double(covered) : nil }
  public var meanOverlap: Double? { asked > 0 ? overlap / Double(asked) : nil }
  public var precision: Double? { asked > 0 ? Double(hits) / Double(asked) : nil }

  /// Samples without a mask, and of another size than the picture, are passed over.
  public mutating func add(_ sample: RegionSample, _ answer: RegionAnswer) {
    guard let truth = sample.mask else { return }
    asked += 1
    let masks = answer.regions.compactMap(\.mask).filter {
      $0.width == truth.width && $0.height == truth.height
    }
    guard let first = masks.first else {
      unparsed += 1
      covered += truth.area
      return
    }
    let mask = masks.dropFirst().reduce(first) { $0.union($1) }
    let common = mask.intersectionArea(with: truth)
    let union = mask.area + truth.area - common
    shared += common
    covered += union
    let value = union == 0 ? 0 : Double(common) / Double(union)
    overlap += value
    if value > 0.5 { hits += 1 }
  }

  private enum Key: String, CodingKey {
    case asked, cumulative_iou, mean_iou, precision_at_50, unparsed
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(asked, forKey: .asked)
    try container.encode(cumulativeOverlap, forKey: .cumulative_iou)
    try container.encode(meanOverlap, forKey: .mean_iou)
    try container.encode(precision, forKey: .precision_at_50)
    try container.encode(unparsed, forKey: .unparsed)
  }

  public static var columns: [String] {
    ["asked", "cumulative IoU", "mean IoU", "precision at 0.5", "unparsed"]
  }

  public var cells: [String] {
    [
      String(asked), .percent(cumulativeOverlap), .percent(meanOverlap), .percent(precision), String(unparsed),
    ]
  }
}
