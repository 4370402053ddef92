import CrayonCore
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
  /// What is answered wrongly; whoever mends it takes it out.
  static let wrong: Set<String> = []

  static let pictures: [QuestionRecord] =
    (try? QuestionFile(reading: folder.appendingPathComponent("questions.jsonl")).records) ?? []

  @Test func thereAreQuestionsOnADozenPictures() {
    #expect(Self.pictures.count >= 12)
  }

  /// In every precision that is another on this machine: rounding changes no answer.
  @Test(arguments: pictures.indices, Precision.allCases)
  func answersAreRightButForTheKnown(index: Int, precision: Precision) throws {
    let record = Self.pictures[index]
    var configuration = try PipelineLibrary.pipeline("pocket-scenes")
    configuration.precision = precision
    let pipeline = try Pipeline(configuration, cache: nil)
    let image = Self.folder.appendingPathComponent(try #require(record.image))
    let seen = try pipeline.look(at: ImageDecoder.Input(file: image))
    var conversation = Conversation(pipeline, on: seen)
    for question in record.questions {
      let regions = question.inputRegions.map(PictureBox.init)
      let answer = try conversation.ask(question.question, options: AskOptions(regions: regions))
      let expected = question.answer.replacingOccurrences(of: "<at>", with: "")
      guard !Self.wrong.contains(question.question) else {
        #expect(answer.reply.text != expected, "\(question.question) is answered rightly now")
        continue
      }
      #expect(answer.reply.text == expected, "\(record.image ?? ""): \(question.question)")
      for wanted in question.regions {
        let wanted = PictureBox(wanted.box)
        let best = answer.regions.regions.map { $0.box.closeness(to: wanted) }.max() ?? -1
        #expect(best > 0.5, "\(record.image ?? ""): \(question.question)")
      }
    }
  }
}
