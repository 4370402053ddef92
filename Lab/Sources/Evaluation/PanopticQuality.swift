public import CrayonCore

/// Panoptic quality (Kirillov et al., arXiv 1801.00868, section 4), computed as panopticapi does: counts add
/// up picture by picture, so pictures can be taken in any number and on any number of threads.
public struct PanopticQuality: Sendable, Equatable {
  /// What a class, or a group of classes, comes to.
  public struct Score: Sendable, Equatable, Codable {
    /// Panoptic, segmentation and recognition quality, 0 to 1; nil where no segment of the group occurs.
    public var pq: Double?
    /// Mean overlap of what was found.
    public var sq: Double?
    /// How much was found, and how much of what was said is there: an F1.
    public var rq: Double?
    /// Classes that occur in truth or prediction, and so count in the mean.
    public var classes: Int
  }

  /// What was found of one class.
  public struct Counts: Sendable, Equatable {
    /// The sum over ``truePositives``.
    public var intersectionOverUnion = 0.0
    /// Segments that were found.
    public var truePositives = 0
    /// Segments that are not there.
    public var falsePositives = 0
    /// Segments that were not found.
    public var falseNegatives = 0

    static func + (a: Counts, b: Counts) -> Counts {
      Counts(
        intersectionOverUnion: a.intersectionOverUnion + b.intersectionOverUnion,
        truePositives: a.truePositives + b.truePositives,
        falsePositives: a.falsePositives + b.falsePositives,
        falseNegatives: a.falseNegatives + b.falseNegatives)
    }

    /// nil where the class does not occur.
    public var quality: (pq: Double, sq: Double, rq: Double)? {
      let half = Double(truePositives) + 0.5 * Double(falsePositives + falseNegatives)
      guard half > 0 else { return nil }
      return (
        intersectionOverUnion / half,
        truePositives == 0 ? 0 : intersectionOverUnion / Double(truePositives),
        Double(truePositives) / half
      )
    }
  }

  /// By category id.
  public private(set) var counts: [Int: Counts] = [:]
  /// That were added.
  public private(set) var pictures = 0

  /// Nothing added yet.
  public init() {}

  /// One picture.
  /// - Parameters:
  ///   - truth: what is there
  ///   - prediction: what was found, of the same size
  ///   - truthOrder: the ids of the truth in the order of its file. Only the last crowd of a class in that
  ///     order excuses predictions: panopticapi's way, kept so that numbers can be compared.
  /// - Precondition: the sizes agree.
  public init(truth: PanopticMap, prediction: PanopticMap, truthOrder: [Int32]? = nil) {
    precondition(truth.width == prediction.width && truth.height == prediction.height)
    pictures = 1
    let overlaps = Self.overlaps(truth.ids, prediction.ids)
    func overlap(_ truth: Int32, _ prediction: Int32) -> Int {
      overlaps[Pair(truth: truth, prediction: prediction), default: 0]
    }
    let truths = Dictionary(truth.segments.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    let predictions = Dictionary(prediction.segments.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })

    var matched: (truths: Set<Int32>, predictions: Set<Int32>) = ([], [])
    // Sorted, so that sums are added in the same order on every run.
    for (pair, intersection) in overlaps.sorted(by: { $0.key < $1.key }) {
      guard let a = truths[pair.truth], let b = predictions[pair.prediction], !a.isCrowd,
        a.category.id == b.category.id
      else { continue }
      let union = a.area + b.area - intersection - overlap(PanopticMap.void, b.id)
      let ratio = Double(intersection) / Double(union)
      guard ratio > 0.5 else { continue }
      counts[a.category.id, default: Counts()].truePositives += 1
      counts[a.category.id, default: Counts()].intersectionOverUnion += ratio
      matched.truths.insert(a.id)
      matched.predictions.insert(b.id)
    }

    var crowds: [Int: Int32] = [:]
    for id in truthOrder ?? truth.segments.map(\.id) {
      guard let segment = truths[id], !matched.truths.contains(id) else { continue }
      if segment.isCrowd {
        crowds[segment.category.id] = id
      } else {
        counts[segment.category.id, default: Counts()].falseNegatives += 1
      }
    }
    for segment in prediction.segments where !matched.predictions.contains(segment.id) {
      // What lies mostly on void, or on a crowd of its class, is neither right nor wrong.
      var excused = overlap(PanopticMap.void, segment.id)
      if let crowd = crowds[segment.category.id] { excused += overlap(crowd, segment.id) }
      guard Double(excused) / Double(segment.area) <= 0.5 else { continue }
      counts[segment.category.id, default: Counts()].falsePositives += 1
    }
  }

  /// Adds what another part of the pictures came to.
  public static func += (a: inout PanopticQuality, b: PanopticQuality) {
    a.counts.merge(b.counts, uniquingKeysWith: +)
    a.pictures += b.pictures
  }

  /// The mean over the classes that occur.
  public func score(of categories: some Sequence<Category>) -> Score {
    let qualities = categories.compactMap { counts[$0.id]?.quality }
    guard !qualities.isEmpty else { return Score(pq: nil, sq: nil, rq: nil, classes: 0) }
    let count = Double(qualities.count)
    return Score(
      pq: qualities.reduce(0) { $0 + $1.pq } / count, sq: qualities.reduce(0) { $0 + $1.sq } / count,
      rq: qualities.reduce(0) { $0 + $1.rq } / count, classes: qualities.count)
  }

  private struct Pair: Hashable, Comparable {
    var truth: Int32
    var prediction: Int32

    static func < (a: Pair, b: Pair) -> Bool { (a.truth, a.prediction) < (b.truth, b.prediction) }
  }

  /// How many pixels each pair of ids shares, by runs along the rows.
  private static func overlaps(_ truth: [Int32], _ prediction: [Int32]) -> [Pair: Int] {
    var overlaps: [Pair: Int] = [:]
    truth.withUnsafeBufferPointer { truth in
      prediction.withUnsafeBufferPointer { prediction in
        var start = 0
        while start < truth.count {
          let pair = Pair(truth: truth[start], prediction: prediction[start])
          var end = start + 1
          while end < truth.count && truth[end] == pair.truth && prediction[end] == pair.prediction {
            end += 1
          }
          overlaps[pair, default: 0] += end - start
          start = end
        }
      }
    }
    return overlaps
  }
}
