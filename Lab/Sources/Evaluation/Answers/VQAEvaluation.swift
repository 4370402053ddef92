import Foundation
public import Questions

/// How many answers are right, by family, and by whether the wording was kept from training.
public struct VQAEvaluation: AnswerEvaluation, Sendable {
  /// Answers to questions of one sort.
  public struct Tally: Sendable, Equatable {
    /// Questions.
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
    /// nil where nothing was asked.
    public var wordAccuracy: Double? { asked > 0 ? Double(rightWords) / Double(asked) : nil }
    /// nil where nothing was asked.
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
    /// What is asked about.
    public var family: QuestionFamily
    /// Its number within the family, from 1.
    public var wording: Int
    /// Whether training never sees it.
    public var isHeldOut: Bool

    /// Memberwise.
    public init(family: QuestionFamily, wording: Int, isHeldOut: Bool) {
      self.family = family
      self.wording = wording
      self.isHeldOut = isHeldOut
    }
  }

  /// Of each wording that was asked.
  public private(set) var tallies: [WordingKey: Tally] = [:]

  /// Nothing added yet.
  public init() {}

  /// Whether the figures count the question.
  public func concerns(_ question: Question) -> Bool { true }

  /// Counts an answer in.
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

extension VQAEvaluation: Encodable {
  private struct Row: Encodable {
    var asked: Int
    var accuracy: Double?
    var words_right: Double?
    var exact_match: Double?
    var unparsed: Int
    /// Of lists and descriptions: pieces said that are right, and pieces of the truth that are said.
    var fact_precision: Double?
    var fact_recall: Double?

    init(_ tally: Tally) {
      asked = tally.asked
      accuracy = tally.accuracy
      words_right = tally.wordAccuracy
      exact_match = tally.exactMatch
      unparsed = tally.unparsed
      fact_precision = tally.facts.precision
      fact_recall = tally.facts.recall
    }
  }

  private struct Family: Encodable {
    var all: Row
    var kept: Row
    var held_out: Row
    var wordings: [String: Row]
  }

  private struct Report: Encodable {
    var all: Row
    var kept: Row
    var held_out: Row
    var families: [String: Family]
  }

  /// Figures are fractions.
  public func encode(to encoder: any Encoder) throws {
    let families = families.map { family in
      let wordings = tallies.filter { $0.key.family == family }
        .map { (String($0.key.wording), Row($0.value)) }
      return (
        family.rawValue,
        Family(
          all: Row(tally { $0.family == family }),
          kept: Row(tally { $0.family == family && !$0.isHeldOut }),
          held_out: Row(tally { $0.family == family && $0.isHeldOut }),
          wordings: Dictionary(wordings, uniquingKeysWith: { first, _ in first }))
      )
    }
    let report = Report(
      all: Row(tally()), kept: Row(tally { !$0.isHeldOut }), held_out: Row(tally { $0.isHeldOut }),
      families: Dictionary(families, uniquingKeysWith: { first, _ in first }))
    try report.encode(to: encoder)
  }

  /// Figures in percent, a row a family.
  public var table: String {
    var table = TextTable([
      "", "asked", "right", "words right", "exact", "unparsed", "known wording", "new wording", "facts right",
      "facts said",
    ])
    func row(_ name: String, _ isMeant: @escaping (WordingKey) -> Bool) {
      let tally = tally(where: isMeant)
      table.add(
        name, String(tally.asked), .percent(tally.accuracy), .percent(tally.wordAccuracy),
        .percent(tally.exactMatch), String(tally.unparsed),
        .percent(self.tally { isMeant($0) && !$0.isHeldOut }.accuracy),
        .percent(self.tally { isMeant($0) && $0.isHeldOut }.accuracy), .percent(tally.facts.precision),
        .percent(tally.facts.recall))
    }
    for family in families { row(family.rawValue) { $0.family == family } }
    row("all") { _ in true }
    return table.text
  }
}

/// Columns of text for a terminal: the first to the left, figures to the right.
struct TextTable {
  private var rows: [[String]]

  init(_ header: [String]) { rows = [header] }

  mutating func add(_ cells: String...) { add(cells) }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension String {
  static func percent(_ fraction: Double?) -> String {
    fraction.map { String(format: "%.1f", $0 * 100) } ?? "–"
  }

  static func decimal(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "–" }
}
