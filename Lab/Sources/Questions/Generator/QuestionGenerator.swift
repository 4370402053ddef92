public import CrayonCore
public import Scenes

/// Makes questions, with answers that a panoptic map holds.
public struct QuestionGenerator: Sendable {
  /// Seeds from here on are for evaluation: they may use any wording and any unknown noun; those below never use
  /// the ones kept for evaluation.
  public static let firstEvaluationSeed: UInt64 = 1_000_000

  /// What is asked about as not being there comes from this vocabulary.
  public let categories: CategoryTable
  /// Whether some questions are spelled as people type in a hurry; those for evaluation never are.
  public let misspells: Bool

  public init(categories: CategoryTable = .coco, misspells: Bool = true) {
    self.categories = categories
    self.misspells = misspells
  }

  /// Different questions about a picture; the same for the same seed.
  /// - Parameters:
  ///   - map: of this or any other vocabulary
  ///   - attributes: by segment id; colours and distances are asked about where they are known
  ///   - count: of questions; fewer come back where the map does not give as many
  public func questions(
    about map: PanopticMap, attributes: [Int32: SegmentAttributes] = [:], count: Int, seed: UInt64
  ) -> [Question] {
    var draw = QuestionDraw(
      facts: PictureFacts(map, attributes: attributes, categories: categories),
      mayHoldOut: seed >= Self.firstEvaluationSeed, misspells: misspells && seed < Self.firstEvaluationSeed,
      numbers: SplitMix64(seed: seed, stream: 1))
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
      .onTop, .onTopCount, .beside, .doing, .narrower:
      "\(question.family) \(question.answer)"
    case .whichOne, .isColour, .colouredCount, .colouredExistence, .relation, .region, .groupExistence:
      "\(question.family) \(question.question.lowercased()) \(question.inputRegions)"
    }
  }
}
