public import Questions

/// Something that is fed answers, one at a time, and keeps the score. Its figures are fractions.
public protocol AnswerEvaluation: Encodable {
  init()

  /// Whether a question counts at all.
  func concerns(_ question: Question) -> Bool

  /// Scores an answer to a question of ``concerns(_:)``.
  mutating func add(_ record: QuestionRecord, _ question: Question, answer: RegionAnswer)

  /// Figures in percent, for a terminal.
  var table: String { get }
}

extension AnswerEvaluation {
  /// Asks every question that counts, in order.
  /// - Parameters:
  ///   - report: called after each question with the number of questions so far
  ///   - answer: asks whatever is evaluated; nil where that could not be, which counts neither way
  /// - Throws: what `answer` throws
  public mutating func evaluate(
    _ records: [QuestionRecord], report: (Int) -> Void = { _ in },
    answer: (QuestionRecord, Question) throws -> RegionAnswer?
  ) rethrows {
    var asked = 0
    for record in records {
      for question in record.questions where concerns(question) {
        if let answer = try answer(record, question) { add(record, question, answer: answer) }
        asked += 1
        report(asked)
      }
    }
  }

  /// How many of the questions count.
  public func total(_ records: [QuestionRecord]) -> Int {
    records.reduce(0) { total, record in total + record.questions.count(where: concerns) }
  }
}
