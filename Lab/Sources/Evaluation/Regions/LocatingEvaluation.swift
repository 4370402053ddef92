import CrayonCore
import Vocabulary

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
  /// Overlaps above one half.
  public private(set) var hits = 0
  /// Answers without a region. None of their places is found.
  public private(set) var unparsed = 0
  /// Regions of answers that no place is left for.
  public private(set) var surplus = 0
  private var overlap = 0.0

  /// Nothing added yet.
  public init() {}

  /// nil where there was no place to find.
  public var accuracy: Double? { places > 0 ? Double(hits) / Double(places) : nil }
  /// nil where nothing was asked.
  public var meanOverlap: Double? { places > 0 ? overlap / Double(places) : nil }

  /// Counts an answer in.
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

  /// Heads of the table.
  public static var columns: [String] {
    ["asked", "places", "accuracy at 0.5", "mean IoU", "unparsed", "surplus"]
  }

  /// A row of the table.
  public var cells: [String] {
    [
      String(asked), String(places), .percent(accuracy), .percent(meanOverlap), String(unparsed),
      String(surplus),
    ]
  }
}

/// How well masks are drawn: cumulative overlap (all shared pixels over all covered ones), mean overlap, and how many
/// overlap by more than one half, as referring segmentation is scored (RefCOCO; Liu et al., 2023, GRES).
///
/// All regions of an answer together are held against the truth. An answer without a mask has no pixel.
public struct SegmentingEvaluation: PlaceEvaluation, Sendable {
  /// Questions.
  public private(set) var asked = 0
  /// Overlaps above one half.
  public private(set) var hits = 0
  /// Answers without a region that has a mask.
  public private(set) var unparsed = 0
  private var shared = 0
  private var covered = 0
  private var overlap = 0.0

  /// Nothing added yet.
  public init() {}

  /// Shared pixels of all masks, over covered ones; nil where there are none.
  public var cumulativeOverlap: Double? { covered > 0 ? Double(shared) / Double(covered) : nil }
  /// nil where nothing was asked.
  public var meanOverlap: Double? { asked > 0 ? overlap / Double(asked) : nil }
  /// Masks that overlap by more than one half; nil where nothing was asked.
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

  /// Heads of the table.
  public static var columns: [String] {
    ["asked", "cumulative IoU", "mean IoU", "precision at 0.5", "unparsed"]
  }

  /// A row of the table.
  public var cells: [String] {
    [
      String(asked), .percent(cumulativeOverlap), .percent(meanOverlap), .percent(precision), String(unparsed),
    ]
  }
}

/// How well regions are put into words: exact match, ``CIDErD`` and ``ExactMETEOR``.
public struct DescribingEvaluation: RegionEvaluation, Sendable {
  /// Questions.
  public private(set) var asked = 0
  /// The words of a reference, after `AnswerText.normalized(_:)`.
  public private(set) var exact = 0
  /// Answers without a word.
  public private(set) var unparsed = 0
  private var cider = CIDErD()
  private var meteor = 0.0

  /// Nothing added yet.
  public init() {}

  /// nil where nothing was asked.
  public var exactMatch: Double? { asked > 0 ? Double(exact) / Double(asked) : nil }
  /// nil where nothing was asked.
  public var meanMETEOR: Double? { asked > 0 ? meteor / Double(asked) : nil }
  /// 0 to 10.
  public var meanCIDErD: Double? { cider.score }

  /// Counts an answer in.
  public mutating func add(_ sample: RegionSample, _ answer: RegionAnswer) {
    asked += 1
    let words = AnswerText.normalized(answer.text)
    if words.isEmpty { unparsed += 1 }
    if sample.references.contains(where: { AnswerText.normalized($0) == words }) { exact += 1 }
    cider.add(answer.text, references: sample.references)
    meteor += ExactMETEOR.score(answer.text, references: sample.references)
  }

  private enum Key: String, CodingKey {
    case asked, exact_match, cider_d, meteor_exact, unparsed
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(asked, forKey: .asked)
    try container.encode(exactMatch, forKey: .exact_match)
    try container.encode(meanCIDErD, forKey: .cider_d)
    try container.encode(meanMETEOR, forKey: .meteor_exact)
    try container.encode(unparsed, forKey: .unparsed)
  }

  /// Heads of the table.
  public static var columns: [String] { ["asked", "exact", "CIDEr-D", "METEOR (exact)", "unparsed"] }

  /// A row of the table.
  public var cells: [String] {
    [String(asked), .percent(exactMatch), .decimal(meanCIDErD), .percent(meanMETEOR), String(unparsed)]
  }
}
