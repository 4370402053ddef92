import CrayonCore
package import Pipeline
package import Vocabulary

/// A second opinion on a count: what is counted on the map itself, without a model.
package struct CountEvidence: Sendable, Encodable, Equatable {
  /// What the question asks to count, by the names of the map's vocabulary.
  var category: [String]
  /// The segments counted.
  package var ids: [Int32]
  var number: Int
  /// Whether the model's number is the same.
  var agrees: Bool

  /// What a map says to a question for a number.
  package enum Finding: Equatable {
    case counted(CountEvidence)
    /// Why the map cannot tell.
    case unknown(CountingQuestion.Obstacle)
  }

  /// - Returns: nil where the question asks for no number, or nothing was segmented
  package static func find(_ answer: PictureAnswer, on picture: SeenPicture) -> Finding? {
    guard let vocabulary = picture.vocabulary,
      let question = CountingQuestion(parsing: answer.question, table: vocabulary)
    else { return nil }
    switch question.count(in: picture.map) {
    case .unknown(let obstacle): return .unknown(obstacle)
    case .segments(let counted):
      guard case .known(let categories) = question.subject else { return nil }
      return .counted(
        CountEvidence(
          category: categories.map { $0.name }, ids: counted.map { $0.id }, number: counted.count,
          agrees: AnswerText.number(in: answer.reply.text) == counted.count))
    }
  }
}
