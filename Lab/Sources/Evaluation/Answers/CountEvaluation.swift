public import Questions
import Vocabulary

/// How well things are counted, also by how many there were.
public struct CountEvaluation: AnswerEvaluation, Sendable {
  /// Answers where the same number was right.
  public struct Tally: Sendable, Equatable {
    /// Questions.
    public var asked = 0
    /// Right numbers.
    public var exact = 0
    /// Off by one at most, which counts the exact ones too
    public var withinOne = 0
    /// Answers without a number. They are neither exact nor within one.
    public var unparsed = 0
    /// The sum of how far the answers with a number are off
    public var error = 0.0

    /// Nothing added yet.
    public init() {}

    /// Right numbers.
    public var exactRate: Double? { asked > 0 ? Double(exact) / Double(asked) : nil }
    /// nil where nothing was asked.
    public var withinOneRate: Double? { asked > 0 ? Double(withinOne) / Double(asked) : nil }
    /// Over the answers with a number.
    public var meanAbsoluteError: Double? { asked > unparsed ? error / Double(asked - unparsed) : nil }

    mutating func add(_ number: Int?, truth: Int) {
      asked += 1
      guard let number else {
        unparsed += 1
        return
      }
      // In floating point: an answer may be any number that fits.
      let off = abs(Double(number) - Double(truth))
      if off == 0 { exact += 1 }
      if off <= 1 { withinOne += 1 }
      error += off
    }

    static func + (a: Tally, b: Tally) -> Tally {
      var sum = a
      sum.asked += b.asked
      sum.exact += b.exact
      sum.withinOne += b.withinOne
      sum.unparsed += b.unparsed
      sum.error += b.error
      return sum
    }
  }

  /// By the right number.
  public private(set) var tallies: [Int: Tally] = [:]

  /// Nothing added yet.
  public init() {}

  /// Whether the figures count the question.
  public func concerns(_ question: Question) -> Bool {
    question.family == .count && Self.truth(of: question) != nil
  }

  /// Counts an answer in.
  public mutating func add(_ record: QuestionRecord, _ question: Question, answer: RegionAnswer) {
    guard let truth = Self.truth(of: question) else { return }
    // "More than 20" is what is right of 23.
    let number = AnswerJudgement(answer, to: question).isExact ? truth : AnswerText.number(in: answer.text)
    tallies[truth, default: Tally()].add(number, truth: truth)
  }

  /// Of all numbers together.
  public var all: Tally { tallies.sorted { $0.key < $1.key }.reduce(Tally()) { $0 + $1.value } }

  private static func truth(of question: Question) -> Int? {
    AnswerText.number(in: question.value ?? question.answer)
  }
}

extension CountEvaluation: Encodable {
  private struct Row: Encodable {
    var asked: Int
    var exact: Double?
    var within_one: Double?
    var mean_absolute_error: Double?
    var unparsed: Int

    init(_ tally: Tally) {
      asked = tally.asked
      exact = tally.exactRate
      within_one = tally.withinOneRate
      mean_absolute_error = tally.meanAbsoluteError
      unparsed = tally.unparsed
    }
  }

  private struct Report: Encodable {
    var all: Row
    var numbers: [String: Row]
  }

  /// Rates are fractions.
  public func encode(to encoder: any Encoder) throws {
    let numbers = tallies.map { (String($0.key), Row($0.value)) }
    try Report(all: Row(all), numbers: Dictionary(numbers, uniquingKeysWith: { first, _ in first }))
      .encode(to: encoder)
  }

  /// Rates in percent, a row a number.
  public var table: String {
    var table = TextTable(["number", "asked", "exact", "within one", "mean error", "unparsed"])
    func row(_ name: String, _ tally: Tally) {
      table.add(
        name, String(tally.asked), .percent(tally.exactRate), .percent(tally.withinOneRate),
        .decimal(tally.meanAbsoluteError), String(tally.unparsed))
    }
    for (number, tally) in tallies.sorted(by: { $0.key < $1.key }) { row(String(number), tally) }
    row("all", all)
    return table.text
  }
}
