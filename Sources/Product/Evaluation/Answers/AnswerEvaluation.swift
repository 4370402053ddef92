public import Questions

/// Something that is fed answers, one at a time, and keeps the score. Its figures are fractions.
public protocol AnswerEvaluation: Encodable {
  init()

  /// Whether a question counts at all.
  func concerns(_ question: Question) -> Bool

  /// Scores an answer to a question of ``concerns(_:)``.
  mutating func add(_ record: QuestionRecord, _ question: Question, answer: String)

  /// Figures in percent, for a terminal.
  var table: String { get }
}

extension AnswerEvaluation {
  /// Asks every question that counts, in order.
  /// - Parameters:
  ///   - report: called after each answer with the number of answers so far
  ///   - answer: asks whatever is evaluated
  /// - Throws: what `answer` throws
  public mutating func evaluate(
    _ records: [QuestionRecord], report: (Int) -> Void = { _ in },
    answer: (QuestionRecord, Question) throws -> String
  ) rethrows {
    var answered = 0
    for record in records {
      for question in record.questions where concerns(question) {
        add(record, question, answer: try answer(record, question))
        answered += 1
        report(answered)
      }
    }
  }

  /// How many of the questions count.
  public func total(_ records: [QuestionRecord]) -> Int {
    records.reduce(0) { total, record in total + record.questions.count(where: concerns) }
  }
}
