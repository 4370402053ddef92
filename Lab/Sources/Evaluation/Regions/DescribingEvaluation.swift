import Vocabulary

/// How well regions are put into words: exact match, ``CIDErD`` and ``ExactMETEOR``.
public struct DescribingEvaluation: RegionEvaluation, Sendable {
  public private(set) var asked = 0
  /// The words of a reference, after ``AnswerText/normalized(_:)``.
  public private(set) var exact = 0
  /// Answers without a word.
  public private(set) var unparsed = 0
  private var cider = CIDErD()
  private var meteor = 0.0

  public init() {}

  public var exactMatch: Double? { asked > 0 ? Double(exact) / Double(asked) : nil }
  public var meanMETEOR: Double? { asked > 0 ? meteor / Double(asked) : nil }
  /// 0 to 10.
  public var meanCIDErD: Double? { cider.score }

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

  public static var columns: [String] { ["asked", "exact", "CIDEr-D", "METEOR (exact)", "unparsed"] }

  public var cells: [String] {
    [String(asked), .percent(exactMatch), .decimal(meanCIDErD), .percent(meanMETEOR), String(unparsed)]
  }
}
