import Questions
import Vocabulary

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

  public var precision: Double? { said > 0 ? Double(right) / Double(said) : nil }
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
