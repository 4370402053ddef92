public import Questions

/// How many answers are right, by family, and by whether the wording was kept from training.
public struct VQAEvaluation: AnswerEvaluation, Sendable {
  /// Answers to questions of one sort.
  public struct Tally: Sendable, Equatable {
    public var asked = 0
    /// Word for word.
    public var exact = 0
    /// By their gist, and by their places where there are any.
    public var right = 0
    /// By their gist alone.
    public var rightWords = 0
    /// Answers in which no gist was found. They are wrong.
    public var unparsed = 0
    /// Of lists and descriptions.
    public var facts = AnswerFacts()

    /// nil where nothing was asked.
    public var accuracy: Double? { asked > 0 ? Double(right) / Double(asked) : nil }
    public var wordAccuracy: Double? { asked > 0 ? Double(rightWords) / Double(asked) : nil }
    public var exactMatch: Double? { asked > 0 ? Double(exact) / Double(asked) : nil }

    static func += (tally: inout Tally, judgement: AnswerJudgement) {
      tally.asked += 1
      if judgement.isExact { tally.exact += 1 }
      if judgement.isRight { tally.right += 1 }
      if judgement.wordsAreRight { tally.rightWords += 1 }
      if let facts = judgement.facts { tally.facts += facts }
      if !judgement.isParsed { tally.unparsed += 1 }
    }

    static func += (a: inout Tally, b: Tally) {
      a.asked += b.asked
      a.exact += b.exact
      a.right += b.right
      a.rightWords += b.rightWords
      a.facts += b.facts
      a.unparsed += b.unparsed
    }
  }

  /// A wording of a family.
  public struct WordingKey: Sendable, Hashable {
    public var family: QuestionFamily
    public var wording: Int
    public var isHeldOut: Bool

    public init(family: QuestionFamily, wording: Int, isHeldOut: Bool) {
      self.family = family
      self.wording = wording
      self.isHeldOut = isHeldOut
    }
  }

  public private(set) var tallies: [WordingKey: Tally] = [:]

  public init() {}

  public func concerns(_ question: Question) -> Bool { true }

  public mutating func add(_ record: QuestionRecord, _ question: Question, answer: RegionAnswer) {
    let key = WordingKey(family: question.family, wording: question.wording, isHeldOut: question.isHeldOut)
    tallies[key, default: Tally()] += AnswerJudgement(answer, to: question)
  }

  /// The sum over the wordings that are meant.
  public func tally(where isMeant: (WordingKey) -> Bool = { _ in true }) -> Tally {
    tallies.reduce(into: Tally()) { sum, entry in if isMeant(entry.key) { sum += entry.value } }
  }

  /// The families that were asked for, in the families' own order.
  public var families: [QuestionFamily] {
    let asked = Set(tallies.keys.map(\.family))
    return QuestionFamily.allCases.filter(asked.contains)
  }
}
