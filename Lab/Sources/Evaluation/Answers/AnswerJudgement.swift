import CrayonCore
public import Questions
import Vocabulary

/// Something that is fed answers, one at a time, and keeps the score. Its figures are fractions.
public protocol AnswerEvaluation: Encodable {
  init()

  /// Whether a question counts at all.
  func concerns(_ question: Question) -> Bool

  /// Scores an answer to a question of ``concerns(_:)``.
  mutating func add(_ record: QuestionRecord, _ question: Question, answer: RegionAnswer)

  /// Figures in percent, for a terminal.
  var table: String { get }
}

extension AnswerEvaluation {
  /// Asks every question that counts, in order.
  /// - Parameters:
  ///   - records: the pictures and what is asked about them
  ///   - report: called after each question with the number of questions so far
  ///   - answer: asks whatever is evaluated; nil where that could not be, which counts neither way
  /// - Throws: what `answer` throws
  public mutating func evaluate(
    _ records: [QuestionRecord], report: (Int) -> Void = { _ in },
    answer: (QuestionRecord, Question) throws -> RegionAnswer?
  ) rethrows {
    var asked = 0
    for record in records {
      for question in record.questions where concerns(question) {
        if let answer = try answer(record, question) { add(record, question, answer: answer) }
        asked += 1
        report(asked)
      }
    }
  }

  /// How many of the questions count.
  public func total(_ records: [QuestionRecord]) -> Int {
    records.reduce(0) { total, record in total + record.questions.count(where: concerns) }
  }
}

/// How an answer compares with the true one.
public struct AnswerJudgement: Sendable, Equatable {
  /// The same words, after `AnswerText.normalized(_:)`.
  public let isExact: Bool
  /// The same gist: the number, yes or no, the colour, which are more. Where a family's gist is its words, the same
  /// words.
  public let wordsAreRight: Bool
  /// Whether the answer points at as many places as the true one, each overlapping its own by more than one half; nil
  /// where the true one points at none.
  public let placesAreRight: Bool?
  /// Whether a gist was found in the answer at all.
  public let isParsed: Bool
  /// nil for families that are not lists.
  public let facts: AnswerFacts?

  /// Words and places.
  public var isRight: Bool { wordsAreRight && placesAreRight != false }

  /// - Parameters:
  ///   - answer: what was answered to the question
  ///   - question: with the true answer and its places
  public init(_ answer: RegionAnswer, to question: Question) {
    isExact = AnswerText.normalized(answer.text) == AnswerText.normalized(question.answer)
    let gist = Self.gist(of: answer.text, for: question.family)
    isParsed = gist != nil
    wordsAreRight = isExact || (gist != nil && gist == Self.gist(of: question.answer, for: question.family))
    placesAreRight =
      question.regions.isEmpty
      ? nil
      : Self.isRight(
        answer.regions.map(\.box), question.regions.map { PictureBox($0.box) },
        inOrder: question.family == .relation)
    facts = question.family.isListOfFacts ? AnswerFacts(answer.text, truth: question.answer) : nil
  }

  /// - Parameter inOrder: each place is told by its words; of others any of a kind will do
  private static func isRight(_ boxes: [PictureBox], _ truth: [PictureBox], inOrder: Bool) -> Bool {
    guard boxes.count == truth.count else { return false }
    let overlaps =
      inOrder
      ? zip(boxes, truth).map { $0.intersectionOverUnion($1) } : LocatingEvaluation.overlaps(truth, boxes)
    return overlaps.count == truth.count && overlaps.allSatisfy { $0 > 0.5 }
  }

  private enum Gist: Equatable {
    case number(Int)
    case decision(Bool)
    case colours(Set<String>)
    case words(String)
  }

  private static func gist(of answer: String, for family: QuestionFamily) -> Gist? {
    switch family {
    case .count, .colouredCount, .partCount, .onTopCount, .who:
      // "More than 20 cups" is no number.
      let words = AnswerText.normalized(answer)
      if words.contains("more than") { return .words(words) }
      return AnswerText.number(in: answer).map(Gist.number)
    case .existence, .relation, .isColour, .colouredExistence, .groupExistence, .anybody:
      return AnswerText.yesOrNo(in: answer).map(Gist.decision)
    case .colour:
      let found = colours.intersection(AnswerText.words(answer).map { $0 == "gray" ? "grey" : $0 })
      return found.isEmpty ? nil : .colours(found)
    case .compare:
      // What is before the verdict are the numbers that it follows from.
      let words = AnswerText.normalized(answer).split(separator: " ")
      let verdict = words.drop { !["more", "fewer", "as"].contains($0) }
      return verdict.isEmpty ? nil : .words(verdict.joined(separator: " "))
    case .groupCount:
      // "2 dogs and 1 cat: 3 animals"
      return AnswerText.number(in: answer.split(separator: ":").last.map(String.init) ?? answer).map(
        Gist.number)
    case .stuffCount, .twoCounts, .colours, .whereIs, .colouredWhere, .whichOne, .group, .part, .onTop, .beside,
      .doing, .purpose, .region, .list, .describe, .unknownCategory, .nothingKnown, .unrelated, .narrower,
      .unknowable,
      .otherLanguage:
      let words = AnswerText.normalized(answer)
      return words.isEmpty ? nil : .words(words)
    }
  }

  private static let colours = Set(CommonColours.names).union([
    "violet", "beige", "cyan", "turquoise", "gold", "silver",
  ])
}

/// What a list or a description says, piece by piece: "2 cups <at> <at>, a bowl and a table" says three things, each right
/// where the true answer says it too, in whatever order.
public struct AnswerFacts: Sendable, Equatable {
  /// Pieces of the answer that the true one has.
  public var right = 0
  /// Pieces of the answer.
  public var said = 0
  /// Pieces of the true answer.
  public var wanted = 0

  init() {}

  init(_ answer: String, truth: String) {
    let (said, wanted) = (Self.pieces(answer), Self.pieces(truth))
    (self.said, self.wanted) = (said.count, wanted.count)
    var left = wanted
    for piece in said {
      guard let place = left.firstIndex(of: piece) else { continue }
      left.remove(at: place)
      right += 1
    }
  }

  /// nil where nothing was said.
  public var precision: Double? { said > 0 ? Double(right) / Double(said) : nil }
  /// nil where there was nothing to say.
  public var recall: Double? { wanted > 0 ? Double(right) / Double(wanted) : nil }

  static func += (a: inout AnswerFacts, b: AnswerFacts) {
    a.right += b.right
    a.said += b.said
    a.wanted += b.wanted
  }

  private static func pieces(_ text: String) -> [String] {
    text.replacing(Question.regionMark, with: " ").split(separator: /,|:|\band\b|\bwith\b/)
      .map { AnswerText.normalized(String($0)) }.filter { !$0.isEmpty }
  }
}

extension QuestionFamily {
  /// Whether an answer lists what is there, thing by thing.
  var isListOfFacts: Bool { self == .list || self == .describe }
}
