import CrayonCore
public import Questions
import Vocabulary

/// How an answer compares with the true one.
public struct AnswerJudgement: Sendable, Equatable {
  /// The same words, after ``AnswerText/normalized(_:)``.
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

  /// - Parameter answer: what was answered to the question
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
    case .count, .colouredCount, .onTopCount, .who: return AnswerText.number(in: answer).map(Gist.number)
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
    case .stuffCount, .colours, .whereIs, .colouredWhere, .whichOne, .group, .part, .onTop, .beside, .doing,
      .region, .list, .describe, .unknownCategory, .nothingKnown, .unrelated, .narrower, .unknowable,
      .otherLanguage:
      let words = AnswerText.normalized(answer)
      return words.isEmpty ? nil : .words(words)
    }
  }

  private static let colours = Set(CommonColours.names).union([
    "violet", "beige", "cyan", "turquoise", "gold", "silver",
  ])
}
