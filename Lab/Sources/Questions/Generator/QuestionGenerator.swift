public import CrayonCore
public import Scenes
import Tensors

/// Makes questions, with answers that a panoptic map holds.
public struct QuestionGenerator: Sendable {
  /// Seeds from here on are for evaluation: they may use any wording and any unknown noun; those below never use
  /// the ones kept for evaluation.
  public static let firstEvaluationSeed: UInt64 = 1_000_000

  /// What is asked about as not being there comes from this vocabulary.
  public let categories: CategoryTable
  /// Whether some questions are spelled as people type in a hurry; those for evaluation never are.
  public let misspells: Bool

  /// Memberwise.
  public init(categories: CategoryTable = .coco, misspells: Bool = true) {
    self.categories = categories
    self.misspells = misspells
  }

  /// Different questions about a picture; the same for the same seed.
  /// - Parameters:
  ///   - map: of this or any other vocabulary
  ///   - attributes: by segment id; colours and distances are asked about where they are known
  ///   - count: of questions; fewer come back where the map does not give as many
  ///   - seed: of the choice of questions and wordings; from ``firstEvaluationSeed`` on, for evaluation
  public func questions(
    about map: PanopticMap, attributes: [Int32: SegmentAttributes] = [:], count: Int, seed: UInt64
  ) -> [Question] {
    var draw = QuestionDraw(
      facts: PictureFacts(map, attributes: attributes, categories: categories),
      mayHoldOut: seed >= Self.firstEvaluationSeed, misspells: misspells && seed < Self.firstEvaluationSeed,
      numbers: QuestionNumbers(seed: seed, stream: 1))
    let families = draw.families
    var asked: Set<String> = []
    var questions: [Question] = []
    // A family that a picture hardly allows must not keep the others waiting.
    for _ in 0..<30 * max(count, 0) where questions.count < count {
      guard let family = draw.numbers.pick(families, weight: \.weight),
        let question = draw.question(family), asked.insert(gist(question)).inserted
      else { continue }
      questions.append(question)
    }
    return questions
  }

  /// What makes two questions the same, whatever their wordings.
  private func gist(_ question: Question) -> String {
    switch question.family {
    case .count, .stuffCount, .existence:
      "\(question.family) \(question.category ?? "")"
    case .list, .describe, .anybody, .who: "\(question.family)"
    case .nothingKnown, .unrelated, .otherLanguage, .unknowable: "\(question.family) \(question.wording)"
    case .colour, .colours, .colouredWhere, .whereIs, .unknownCategory, .compare, .group, .groupCount, .part,
      .partCount, .twoCounts, .beside, .narrower:
      "\(question.family) \(question.answer)"
    case .onTop, .onTopCount, .doing, .purpose, .whichOne, .isColour, .colouredCount, .colouredExistence,
      .relation, .region, .groupExistence:
      "\(question.family) \(question.question.lowercased()) \(question.inputRegions)"
    }
  }
}

/// The one source of chance in questions and layouts: the same numbers for a seed on every machine.
struct QuestionNumbers: RandomNumberGenerator, Sendable {
  private var numbers: SplitMix64

  /// - Parameter stream: another stream of numbers for the same seed
  init(seed: UInt64, stream: UInt64 = 0) {
    numbers = SplitMix64(seed: seed &+ stream &* 0xD134_2543_DE82_EF95)
    _ = next()
  }

  mutating func next() -> UInt64 { numbers.next() }

  /// Evenly spread over a range.
  mutating func real(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
  }

  mutating func whole(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  mutating func chance(_ probability: Double) -> Bool { real(0...1) < probability }

  /// One of the elements, each as likely as its weight says; nil where there is none of any weight.
  mutating func pick<Element>(_ elements: [Element], weight: (Element) -> Double) -> Element? {
    let weights = elements.map(weight)
    var left = real(0...1) * weights.reduce(0, +)
    for (element, weight) in zip(elements, weights) where weight > 0 {
      left -= weight
      if left < 0 { return element }
    }
    return weights.lastIndex { $0 > 0 }.map { elements[$0] }
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &self) }
}
