/// How far one variant of a pipeline is from another, stage by stage.
public struct DriftTable: Sendable, Equatable, Encodable {
  /// What is compared, and by what.
  public enum Measure: String, Sendable, CaseIterable, Encodable {
    case panopticPixels = "panoptic: pixels of one category"
    case crayonFeatures = "crayon: cosine of features"
    case visionTokens = "vision: cosine of hidden states"
    case imageTokens = "vision: cosine behind the connector"
    case hiddenStates = "language: cosine of hidden states"
    case logits = "language: KL of logits (nats)"
    case nextToken = "language: same likeliest token"
    case boxes = "grounding: IoU of boxes"
    case masks = "grounding: IoU of masks"

    /// Of a divergence more is worse, of all else less.
    var lessIsWorse: Bool { self != .logits }
  }

  /// What one measure says of all that was compared by it.
  public struct Row: Sendable, Equatable, Encodable {
    /// What was compared, and by what.
    public let measure: Measure
    public let mean: Double
    /// Of cosines, parts and IoUs the least, of divergences the largest.
    public let worst: Double
    /// Rows, tokens, boxes or pictures that were compared.
    public let count: Int
  }

  private var sums: [Measure: (sum: Double, worst: Double, count: Int)] = [:]

  /// Nothing compared yet.
  public init() {}

  /// In the order of the stages; what was nowhere to compare is left out.
  public var rows: [Row] {
    Measure.allCases.compactMap { measure in
      sums[measure].map {
        Row(measure: measure, mean: $0.sum / Double($0.count), worst: $0.worst, count: $0.count)
      }
    }
  }

  mutating func add(_ values: [Double], to measure: Measure) {
    for value in values {
      let old = sums[measure] ?? (0, value, 0)
      let worst = measure.lessIsWorse ? min(old.worst, value) : max(old.worst, value)
      sums[measure] = (old.sum + value, worst, old.count + 1)
    }
  }

  public static func == (a: DriftTable, b: DriftTable) -> Bool { a.rows == b.rows }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rows)
  }
}
