import Evaluation
import Foundation
import Questions
import TestSupport
import Testing

/// Scores of answers: worked out by hand, and as scikit-learn has them. Fixtures: Tests/Reference/answers.py.
@Suite struct AnswerEvaluationTests {
  static func record(_ questions: [Question]) -> QuestionRecord {
    QuestionRecord(id: 1, image: nil, map: "1.png", width: 16, height: 16, segments: [], questions: questions)
  }

  static func question(
    _ family: QuestionFamily, _ answer: String, value: String? = nil, wording: Int = 1, isHeldOut: Bool = false,
    polling: Polling? = nil
  ) -> Question {
    Question(
      family: family, wording: wording, isHeldOut: isHeldOut, question: "?", answer: answer, value: value,
      polling: polling)
  }

  static func json(_ value: some Encodable) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
  }

  @Test func byFamilyAndWording() throws {
    var evaluation = VQAEvaluation()
    let pairs: [(Question, String)] = [
      (Self.question(.count, "There are 3 cups."), "There are 3 cups."),
      (Self.question(.count, "There are 3 cups."), "3"),
      (Self.question(.count, "There are 3 cups.", wording: 14, isHeldOut: true), "2"),
      (Self.question(.count, "There are 3 cups.", wording: 14, isHeldOut: true), "cups"),
      (Self.question(.existence, "Yes."), "yes"),
    ]
    for (question, answer) in pairs {
      evaluation.evaluate([Self.record([question])]) { _, _ in RegionAnswer(text: answer) }
    }
    let counts = evaluation.tally { $0.family == .count }
    #expect(counts.asked == 4 && counts.right == 2 && counts.exact == 1 && counts.unparsed == 1)
    #expect(counts.accuracy == 0.5 && counts.exactMatch == 0.25)
    #expect(evaluation.tally { $0.isHeldOut }.accuracy == 0)
    #expect(evaluation.tally { !$0.isHeldOut }.accuracy == 1)
    #expect(evaluation.tally().accuracy == 0.6)
    #expect(evaluation.families == [.count, .existence])
    let report = try Self.json(evaluation)
    let families = try #require(report["families"] as? [String: [String: Any]])
    let wordings = try #require(families["count"]?["wordings"] as? [String: [String: Any]])
    #expect(wordings["14"]?["accuracy"] as? Double == 0)
    #expect(wordings["1"]?["exact_match"] as? Double == 0.5)
    #expect(
      evaluation.table == """
                   asked  right  words right  exact  unparsed  known wording  new wording  facts right  facts said
        count          4   50.0         50.0   25.0         1          100.0          0.0            –           –
        existence      1  100.0        100.0  100.0         0          100.0            –            –           –
        all            5   60.0         60.0   40.0         1          100.0          0.0            –           –
        """)
  }

  @Test func questionsAreAskedInOrderAndTheErrorOfTheAnswererIsPassedOn() throws {
    struct Failure: Error {}
    var evaluation = VQAEvaluation()
    let records = [
      Self.record([Self.question(.count, "a"), Self.question(.count, "b")]),
      Self.record([Self.question(.list, "c")]),
    ]
    var asked: [String] = []
    var reported: [Int] = []
    #expect(throws: Failure.self) {
      try evaluation.evaluate(records, report: { reported.append($0) }) { _, question in
        asked.append(question.answer)
        if question.answer == "c" { throw Failure() }
        return RegionAnswer(text: question.answer)
      }
    }
    #expect(asked == ["a", "b", "c"] && reported == [1, 2])
    #expect(evaluation.total(records) == 3 && POPEEvaluation().total(records) == 0)
  }

  struct Fixture: Decodable {
    struct Answer: Decodable {
      var polling: Polling
      var truth: String
      var answer: String
    }
    struct Figures: Decodable {
      var asked: Int
      var accuracy: Double
      var precision: Double
      var recall: Double
      var f1: Double
      var yes_rate: Double
      var unparsed: Int
    }
    var answers: [Answer]
    var expected: [String: Figures]
  }

  @Test func pollingFiguresAreThoseOfScikitLearn() throws {
    let file = Fixtures.folder.appendingPathComponent("Evaluation/answers.json")
    let fixture = try JSONDecoder().decode(Fixture.self, from: try Data(contentsOf: file))
    var evaluation = POPEEvaluation()
    for item in fixture.answers {
      let question = Self.question(
        .existence, item.truth == "yes" ? "Yes." : "No.", value: item.truth, polling: item.polling)
      evaluation.evaluate([Self.record([question])]) { _, _ in RegionAnswer(text: item.answer) }
    }
    let report = try Self.json(evaluation)
    #expect(Set(report.keys) == ["random", "popular", "adversarial", "all"])
    for (split, expected) in fixture.expected {
      let row = try #require(report[split] as? [String: Any])
      func figure(_ key: String) throws -> Double { try #require(row[key] as? Double) }
      #expect(row["asked"] as? Int == expected.asked)
      #expect(row["unparsed"] as? Int == expected.unparsed)
      #expect(abs(try figure("accuracy") - expected.accuracy) < 1e-12)
      #expect(abs(try figure("precision") - expected.precision) < 1e-12)
      #expect(abs(try figure("recall") - expected.recall) < 1e-12)
      #expect(abs(try figure("f1") - expected.f1) < 1e-12)
      #expect(abs(try figure("yes_rate") - expected.yes_rate) < 1e-12)
    }
  }

  @Test func pollingByHand() {
    var evaluation = POPEEvaluation()
    for (truth, answer) in [
      ("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no"), ("yes", "?"), ("no", "?"),
    ] {
      let question = Self.question(.existence, "", value: truth, polling: .popular)
      evaluation.evaluate([Self.record([question])]) { _, _ in RegionAnswer(text: answer) }
    }
    let all = evaluation.all
    #expect(all.asked == 6 && all.unparsed == 2)
    #expect(all.accuracy == 2.0 / 6 && all.precision == 0.5 && all.recall == 1.0 / 3 && all.f1 == 0.4)
    #expect(all.yesRate == 2.0 / 6)
    #expect(
      evaluation.table == """
                 asked  accuracy  precision  recall    F1   yes  unparsed
        popular      6      33.3       50.0    33.3  40.0  33.3         2
        all          6      33.3       50.0    33.3  40.0  33.3         2
        """)
    #expect(POPEEvaluation().all.accuracy == nil && POPEEvaluation().all.f1 == nil)
  }

  @Test func countingByHand() throws {
    var evaluation = CountEvaluation()
    for (truth, answer) in [
      ("3", "3"), ("3", "There are 4 cups."), ("3", "nine"), ("0", "None."), ("0", "Cups!"),
    ] {
      evaluation.evaluate([Self.record([Self.question(.count, "", value: truth)])]) { _, _ in
        RegionAnswer(text: answer)
      }
    }
    let three = try #require(evaluation.tallies[3])
    #expect(three.asked == 3 && three.exact == 1 && three.withinOne == 2 && three.error == 7)
    #expect(evaluation.all.exactRate == 0.4 && evaluation.all.withinOneRate == 0.6)
    #expect(evaluation.all.meanAbsoluteError == 7.0 / 4 && evaluation.all.unparsed == 1)
    let report = try Self.json(evaluation)
    let numbers = try #require(report["numbers"] as? [String: [String: Any]])
    #expect(numbers["0"]?["exact"] as? Double == 0.5 && numbers["0"]?["mean_absolute_error"] as? Double == 0)
    #expect(
      evaluation.table == """
        number  asked  exact  within one  mean error  unparsed
        0           2   50.0        50.0        0.00         1
        3           3   33.3        66.7        2.33         0
        all         5   40.0        60.0        1.75         1
        """)
  }

  @Test func onlyTheQuestionsThatAreMeantCount() {
    #expect(!CountEvaluation().concerns(Self.question(.list, "2 cups.")))
    #expect(!CountEvaluation().concerns(Self.question(.count, "Cups.")))
    #expect(CountEvaluation().concerns(Self.question(.count, "There are no cups.")))
    #expect(!POPEEvaluation().concerns(Self.question(.existence, "Yes.")))
    #expect(!POPEEvaluation().concerns(Self.question(.relation, "Yes.", polling: .random)))
  }

  @Test func wildAnswersDoNotStopTheCount() {
    var evaluation = CountEvaluation()
    for answer in ["9223372036854775807", "-9223372036854775808", "\u{0}", String(repeating: "9", count: 5000)]
    {
      evaluation.evaluate([Self.record([Self.question(.count, "", value: "3")])]) { _, _ in
        RegionAnswer(text: answer)
      }
    }
    #expect(evaluation.all.asked == 4 && evaluation.all.exact == 0)
  }

  /// The generator says "more than 20" of any larger number.
  @Test func moreThanTwentyIsRightOfMoreThanTwenty() {
    let question = Self.question(.count, "There are more than 20 cups.", value: "23")
    var evaluation = CountEvaluation()
    for (answer, isRight) in [
      ("There are more than 20 cups.", true), ("There are 20 cups.", false), ("There are 19 cups.", false),
    ] {
      evaluation.evaluate([Self.record([question])]) { _, _ in RegionAnswer(text: answer) }
      let judgement = AnswerJudgement(RegionAnswer(text: answer), to: question)
      #expect(judgement.isRight == isRight, "\(answer)")
    }
    #expect(evaluation.tallies[23]?.exact == 1)
    let twenty = Self.question(.count, "There are 20 cups.", value: "20")
    #expect(!AnswerJudgement(RegionAnswer(text: "There are more than 20 cups."), to: twenty).isRight)
  }
}
