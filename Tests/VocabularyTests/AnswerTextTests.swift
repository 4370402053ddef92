import Testing
import Vocabulary

/// What answers in words say.
@Suite struct AnswerTextTests {
  @Test(arguments: [
    ("There are 3 cups.", 3), ("three", 3), ("There is 1 cup.", 1), ("One.", 1), ("There are no cups.", 0),
    ("none", 0), ("Nobody", 0), ("I count twelve of them", 12), ("20", 20), ("**4**", 4),
    ("99999999999999999999 cups, or 2", 2),
  ])
  func numbers(answer: String, number: Int) {
    #expect(AnswerText.number(in: answer) == number)
  }

  @Test(arguments: ["", "cups", "many", "99999999999999999999", "a few"])
  func noNumber(answer: String) {
    #expect(AnswerText.number(in: answer) == nil)
  }

  @Test(arguments: [
    ("Yes.", true), ("yes, there is", true), ("No.", false), ("There isn’t one.", false),
    ("There is not.", false),
    ("No, but yes to the other", false), ("Correct.", true), ("Well, yes", true),
  ])
  func decisions(answer: String, isYes: Bool) {
    #expect(AnswerText.yesOrNo(in: answer) == isYes)
  }

  @Test(arguments: ["", "A cup.", "maybe yes, maybe no", "on the right", "nose", "yesterday"])
  func undecided(answer: String) {
    #expect(AnswerText.yesOrNo(in: answer) == nil)
  }

  @Test func normalization() {
    #expect(AnswerText.normalized(" The  Cup is at <at>. ") == "cup is at <at>")
    #expect(AnswerText.normalized("There are THREE cups!") == "there are 3 cups")
    #expect(AnswerText.normalized("") == "")
  }
}
