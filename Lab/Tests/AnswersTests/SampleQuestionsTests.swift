import CrayonCore
import Evaluation
import Foundation
import Imaging
import Pipeline
import Questions
import Tensors
import TestSupport
import Testing

/// The sample pictures' questions, answered by the pipeline pocket-scenes from the pixels alone.
@Suite(
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct SampleQuestionsTests {
  static let folder = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Samples")
  static let pictures: [QuestionRecord] =
    (try? QuestionFile(reading: folder.appendingPathComponent("questions.jsonl")).records) ?? []

  /// What was answered wrongly when the questions were last asked (`Samples/questions.py`).
  private struct Wrong: Hashable, Decodable {
    var image: String
    var question: String
  }

  private static func wrong() throws -> Set<Wrong> {
    let lines = try String(contentsOf: folder.appendingPathComponent("wrong.jsonl"), encoding: .utf8)
    return Set(
      try lines.split(separator: "\n").map { try JSONDecoder().decode(Wrong.self, from: Data($0.utf8)) })
  }

  @Test func thereAreQuestionsOnADozenPicturesAndFewAreWrong() throws {
    #expect(Self.pictures.count >= 12)
    let asked = Set(
      Self.pictures.flatMap { picture in
        picture.questions.map { Wrong(image: picture.image ?? "", question: $0.question) }
      })
    let wrong = try Self.wrong()
    #expect(wrong.isSubset(of: asked))
    #expect(wrong.count * 3 < asked.count)
  }

  /// In every precision that is another on this machine: rounding changes no answer.
  @Test(arguments: pictures.indices, Precision.allCases)
  func answersAreRightButForTheKnown(index: Int, precision: Precision) throws {
    let record = Self.pictures[index]
    var configuration = try PipelineLibrary.pipeline("pocket-scenes")
    configuration.precision = precision
    let pipeline = try Pipeline(configuration, cache: nil)
    let name = try #require(record.image)
    let seen = try pipeline.look(at: ImageDecoder.Input(file: Self.folder.appendingPathComponent(name)))
    var conversation = Conversation(pipeline, on: seen)
    let wrong = try Self.wrong()
    for question in record.questions where !wrong.contains(Wrong(image: name, question: question.question)) {
      let regions = question.inputRegions.map(PictureBox.init)
      let answer = try conversation.ask(question.question, options: AskOptions(regions: regions))
      let text = answer.reply.text { _ in Question.regionMark }
      let judgement = AnswerJudgement(
        RegionAnswer(text: text, regions: answer.regions.regions), to: question)
      #expect(judgement.isRight, "\(name): \(question.question) \(text)")
    }
  }
}
