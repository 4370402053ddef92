import CrayonCore
import Evaluation
import Pipeline
import Questions

/// A second opinion on a count: what is counted on the map itself, without a model.
struct CountEvidence: Encodable, Equatable {
  /// What the question asks to count, by the names of the map's vocabulary.
  var category: [String]
  /// The segments counted.
  var ids: [Int32]
  var number: Int
  /// Whether the model's number is the same.
  var agrees: Bool

  /// - Parameter vocabulary: what the segmenter can name
  /// - Returns: nil where the question asks for no number, or for one that the map cannot tell
  init?(_ answer: PictureAnswer, on picture: SeenPicture, vocabulary: CategoryTable) {
    guard let question = CountingQuestion(parsing: answer.question, table: vocabulary),
      case .known(let categories) = question.subject, let counted = question.segments(in: picture.map)
    else { return nil }
    category = categories.map { $0.name }
    ids = counted.map { $0.id }
    number = counted.count
    agrees = AnswerText.number(in: answer.reply.text) == counted.count
  }
}
