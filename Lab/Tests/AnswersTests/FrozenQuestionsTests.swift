import CrayonCore
import Evaluation
import Foundation
import Imaging
import Panoptic
import Pipeline
import Questions
import TestSupport
import Testing

/// Questions that do not change, in all families, on scenes of evaluation seeds with their true maps
/// (Tests/Reference/frozen.py). None was left out for being answered wrongly.
@Suite(
  .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"))
struct FrozenQuestionsTests {
  /// How many of a family are right at least, places too; whoever trains the weights further may raise them.
  static let floors: [QuestionFamily: Int] = [
    .anybody: 5, .beside: 1, .colour: 10, .colouredCount: 4, .colouredExistence: 3, .colouredWhere: 6,
    .colours: 1, .compare: 16, .count: 46, .describe: 1, .doing: 3, .existence: 45, .group: 10,
    .groupCount: 3, .groupExistence: 6, .isColour: 2, .list: 8, .narrower: 2, .nothingKnown: 6,
    .onTop: 0, .otherLanguage: 7, .part: 1, .region: 8, .relation: 10, .stuffCount: 6, .unknowable: 7,
    .unknownCategory: 6, .unrelated: 4, .whereIs: 26, .whichOne: 2, .who: 1,
  ]

  @Test func everyFamilyHoldsItsFloor() throws {
    let folder = Fixtures.folder.appendingPathComponent("Frozen")
    let maps = try PanopticFolder(folder.appendingPathComponent("panoptic"))
    let pipeline = try Pipeline(PipelineLibrary.pipeline("pocket"), makesMaps: false, cache: nil)
    var figures = VQAEvaluation()
    for record in try QuestionFile(reading: folder.appendingPathComponent("questions.jsonl")).records {
      let image = folder.appendingPathComponent(try #require(record.image))
      let map = try maps.segmenter(try maps.map(ofPicture: image.path))
      let seen = try pipeline.look(at: ImageDecoder.Input(file: image), options: LookOptions(map: map))
      var conversation = Conversation(pipeline, on: seen)
      for question in record.questions {
        let asked = AskOptions(regions: question.inputRegions.map(PictureBox.init))
        let answer = try conversation.ask(question.question, options: asked)
        let text = answer.reply.text { _ in Question.regionMark }
        figures.add(record, question, answer: RegionAnswer(text: text, regions: answer.regions.regions))
      }
    }
    #expect(Set(figures.families) == Set(Self.floors.keys))
    for (family, floor) in Self.floors {
      let tally = figures.tally { $0.family == family }
      #expect(tally.right >= floor, "\(family.rawValue): \(tally.right) of \(tally.asked) are right")
    }
  }
}
