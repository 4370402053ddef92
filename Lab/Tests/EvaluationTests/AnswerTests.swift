import CrayonCore
import Evaluation
import Questions
import Testing

/// Whether what answers say is right.
@Suite struct AnswerTests {
  static func question(_ family: QuestionFamily, _ answer: String, value: String? = nil) -> Question {
    Question(
      family: family, wording: 1, isHeldOut: false, question: "?", answer: answer, value: value)
  }

  private static let threeCups = "There are 3 cups and 1 bowl: more cups than bowls."

  private static let left = PixelBox(x0: 0, y0: 0, x1: 10, y1: 10)
  private static let right = PixelBox(x0: 20, y0: 0, x1: 30, y1: 10)

  /// Right words that point elsewhere are wrong; of several of a kind the order makes no difference, of a relation it does.
  @Test(arguments: [
    (QuestionFamily.describe, [left, right], true), (.describe, [right, left], true),
    (.describe, [left], false),
    (.describe, [left, left], false), (.describe, [left, right, right], false),
    (.relation, [left, right], true),
    (.relation, [right, left], false), (.whereIs, [], false),
  ])
  func places(family: QuestionFamily, boxes: [PixelBox], areRight: Bool) {
    let answer = "The cup is at <at>, the bowl at <at> to its right: yes."
    var question = Self.question(family, answer)
    question.regions = [Self.left, Self.right].enumerated().map { .init(id: Int32($0), box: $1) }
    let regions = boxes.enumerated().map { Region(box: PictureBox($1), phrase: "", trigger: $0) }
    let judgement = AnswerJudgement(RegionAnswer(text: answer, regions: regions), to: question)
    #expect(judgement.wordsAreRight)
    #expect(judgement.placesAreRight == areRight)
    #expect(judgement.isRight == areRight)
    let wrong = AnswerJudgement(RegionAnswer(text: "I do not know: no.", regions: regions), to: question)
    #expect(!wrong.isRight && wrong.placesAreRight == areRight)
  }

  @Test(arguments: [
    ("2 cups <at> <at>, a bowl and a table.", "A bowl, 2 cups and a table", 3, 3, 3),
    ("3 cups and a bowl, with a table", "2 cups, a bowl and a table", 2, 3, 3),
    ("a cup, a cup and a cup", "a cup and a table", 1, 3, 2), ("", "a cup", 0, 0, 1),
    (
      "I see none of the things I know, only a house and sky.",
      "I see none of the things I know, only sky and a house.",
      1, 3, 3
    ),
  ])
  func facts(answer: String, truth: String, right: Int, said: Int, wanted: Int) throws {
    let judgement = AnswerJudgement(RegionAnswer(text: answer), to: Self.question(.list, truth))
    let facts = try #require(judgement.facts)
    #expect(facts.right == right && facts.said == said && facts.wanted == wanted)
    #expect(AnswerJudgement(RegionAnswer(text: answer), to: Self.question(.count, truth)).facts == nil)
  }

  @Test(arguments: [
    (QuestionFamily.count, "There are 3 cups.", "3", false, true, true),
    (.count, "There are 3 cups.", "There are three cups", true, true, true),
    (.count, "There are 3 cups.", "There are 4 cups.", false, false, true),
    (.count, "There are 3 cups.", "Some cups.", false, false, false),
    (.existence, "No.", "No, there is no cup.", false, true, true),
    (.relation, "Yes.", "It is.", false, false, false),
    (
      .relation, "The bowl is at <at>, the cup at <at> to its left: yes.", "The cup is at <at>: yes.", false,
      true, true
    ),
    (
      .relation, "The bowl is at <at>, the cup at <at> to its left: yes.", "The cup is at <at>: no.", false,
      false, true
    ),
    (.colour, "The cup is grey.", "Gray", false, true, true),
    (.colour, "The cup is red.", "The cup is red and blue.", false, false, true),
    (.colour, "The orange is orange.", "The orange is orange.", true, true, true),
    (.colour, "The cup is red.", "nice", false, false, false),
    (.colours, "The cups are red and blue.", "The cups are blue and red.", false, false, true),
    (.isColour, "The cup is red: yes.", "Yes, it is red.", false, true, true),
    (.colouredCount, "The cups are red, blue and red: 2 red cups.", "There are two.", false, true, true),
    (.colouredCount, "The cup is red: no blue cups.", "The cup is red: 1 blue cup.", false, false, true),
    (.colouredExistence, "The cups are both red: yes.", "The cups are both red: no.", false, false, true),
    (
      .colouredWhere, "The cups are red and blue: cup number 1 is at <at>.",
      "The cups are red and blue: cup number 2 is at <at>.", false, false, true
    ),
    (.compare, threeCups, "there are three cups and a bowl: more cups than bowls", false, true, true),
    (.compare, threeCups, "There are 3 cups and 1 bowl, more cups than bowls", true, true, true),
    (.compare, threeCups, "There are 3 cups and 1 bowl: more bowls than cups.", false, false, true),
    (.compare, threeCups, "There are 3 cups and 1 bowl.", false, false, false),
    (.region, "A cup.", "cup", true, true, true),
    (.region, "A cup.", "", false, false, false),
    (.list, "2 cups and a table.", "Two cups and table", true, true, true),
  ])
  func judgements(
    family: QuestionFamily, truth: String, answer: String, isExact: Bool, isRight: Bool, isParsed: Bool
  ) {
    let judgement = AnswerJudgement(RegionAnswer(text: answer), to: Self.question(family, truth))
    #expect(judgement.isExact == isExact)
    #expect(judgement.isRight == isRight)
    #expect(judgement.isParsed == isParsed)
  }
}
