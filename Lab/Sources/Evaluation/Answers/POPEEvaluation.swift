public import Questions
import Vocabulary

/// Whether a model sees what is not there, as POPE measures it: figures of yes/no questions, for each
/// way of choosing what is not there (Li et al., 2023, "Evaluating Object Hallucination in Large Vision-Language
/// Models").
///
/// Answers that say neither yes nor no are counted, and wrong; POPE's own script takes them for a yes.
public struct POPEEvaluation: AnswerEvaluation, Sendable {
  /// Answers by what would have been right; "yes" is positive.
  public struct Confusion: Sendable, Equatable {
    /// Yes, and it is there.
    public var truePositives = 0
    /// Yes, and it is not there.
    public var falsePositives = 0
    /// No, and it is not there.
    public var trueNegatives = 0
    /// No, and it is there.
    public var falseNegatives = 0
    /// Neither yes nor no, to a question whose answer is yes
    public var unparsedPositives = 0
    /// Neither yes nor no, to a question whose answer is no
    public var unparsedNegatives = 0

    /// Nothing added yet.
    public init() {}

    /// Answers that say neither.
    public var unparsed: Int { unparsedPositives + unparsedNegatives }

    /// Questions.
    public var asked: Int { truePositives + falsePositives + trueNegatives + falseNegatives + unparsed }

    /// nil where nothing was asked.
    public var accuracy: Double? { ratio(truePositives + trueNegatives, asked) }
    /// nil where nothing was said to be there.
    public var precision: Double? { ratio(truePositives, truePositives + falsePositives) }
    /// nil where nothing asked for is there.
    public var recall: Double? { ratio(truePositives, truePositives + falseNegatives + unparsedPositives) }

    /// 2·TP / (2·TP + FP + FN): the harmonic mean of precision and recall, also where one of them is 0.
    public var f1: Double? {
      ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives + unparsedPositives)
    }

    /// How often the answer is yes; nil where nothing was asked.
    public var yesRate: Double? { ratio(truePositives + falsePositives, asked) }

    private func ratio(_ part: Int, _ whole: Int) -> Double? {
      whole > 0 ? Double(part) / Double(whole) : nil
    }

    mutating func add(answer: Bool?, truth: Bool) {
      switch (answer, truth) {
      case (true, true): truePositives += 1
      case (true, false): falsePositives += 1
      case (false, false): trueNegatives += 1
      case (false, true): falseNegatives += 1
      case (nil, true): unparsedPositives += 1
      case (nil, false): unparsedNegatives += 1
      }
    }

    static func + (a: Confusion, b: Confusion) -> Confusion {
      var sum = a
      sum.truePositives += b.truePositives
      sum.falsePositives += b.falsePositives
      sum.trueNegatives += b.trueNegatives
      sum.falseNegatives += b.falseNegatives
      sum.unparsedPositives += b.unparsedPositives
      sum.unparsedNegatives += b.unparsedNegatives
      return sum
    }
  }

  /// By the way in which what is not there was chosen.
  public private(set) var splits: [Polling: Confusion] = [:]

  /// Nothing added yet.
  public init() {}

  /// Whether the figures count the question.
  public func concerns(_ question: Question) -> Bool {
    question.family == .existence && question.polling != nil
  }

  /// Counts an answer in.
  public mutating func add(_ record: QuestionRecord, _ question: Question, answer: RegionAnswer) {
    guard let polling = question.polling, let truth = AnswerText.yesOrNo(in: question.value ?? question.answer)
    else { return }
    splits[polling, default: Confusion()].add(answer: AnswerText.yesOrNo(in: answer.text), truth: truth)
  }

  /// Of all three together.
  public var all: Confusion { splits.values.reduce(Confusion(), +) }
}

extension POPEEvaluation: Encodable {
  private struct Row: Encodable {
    var asked: Int
    var accuracy: Double?
    var precision: Double?
    var recall: Double?
    var f1: Double?
    var yes_rate: Double?
    var unparsed: Int

    init(_ confusion: Confusion) {
      asked = confusion.asked
      accuracy = confusion.accuracy
      precision = confusion.precision
      recall = confusion.recall
      f1 = confusion.f1
      yes_rate = confusion.yesRate
      unparsed = confusion.unparsed
    }
  }

  /// Figures are fractions.
  public func encode(to encoder: any Encoder) throws {
    var rows = ["all": Row(all)]
    for (polling, confusion) in splits { rows[polling.rawValue] = Row(confusion) }
    try rows.encode(to: encoder)
  }

  /// Figures in percent, a row a split.
  public var table: String {
    var table = TextTable(["", "asked", "accuracy", "precision", "recall", "F1", "yes", "unparsed"])
    func row(_ name: String, _ confusion: Confusion) {
      table.add(
        name, String(confusion.asked), .percent(confusion.accuracy), .percent(confusion.precision),
        .percent(confusion.recall), .percent(confusion.f1), .percent(confusion.yesRate),
        String(confusion.unparsed))
    }
    for polling in Polling.allCases { if let split = splits[polling] { row(polling.rawValue, split) } }
    row("all", all)
    return table.text
  }
}
