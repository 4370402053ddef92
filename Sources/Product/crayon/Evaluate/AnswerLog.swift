import AtomicFiles
import CrayonCore
import Evaluation
import Foundation
import Questions

/// Every question of an evaluation with its answer, for a file of JSON lines that is written at the end.
struct AnswerLog {
  struct Entry: Encodable {
    /// Its path.
    var image: String
    var question: String
    /// As it was scored.
    var answer: String
    /// What the answer points at, in pixels: [x0, y0, x1, y1].
    var boxes: [[Double]]
    /// The answer that was wanted, and whether this one says the same; nil where places are compared, not words.
    var truth: String?
    var right: Bool?
    var family: QuestionFamily?
    /// Whether the wording was kept from training.
    var held_out: Bool?

    init(image: URL, question: String, answer: String, regions: [Region]) {
      self.image = image.path
      self.question = question
      self.answer = answer
      boxes = regions.map(\.box.edges)
    }

    /// - Parameter text: of the answer, as it is compared with the question's own
    init(image: URL, to question: Question, text: String, regions: [Region]) {
      self.init(image: image, question: question.question, answer: text, regions: regions)
      truth = question.answer
      right = AnswerJudgement(text, to: question).isRight
      family = question.family
      held_out = question.isHeldOut
    }
  }

  private let file: URL?
  private var lines = Data()

  /// - Parameter path: nil to keep nothing
  init(path: String?) { file = path.map { URL(fileURLWithPath: $0) } }

  mutating func add(_ entry: @autoclosure () -> Entry) throws {
    guard file != nil else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    lines += try encoder.encode(entry())
    lines.append(UInt8(ascii: "\n"))
  }

  /// - Throws: `AtomicFileError`
  func write() throws {
    guard let file else { return }
    try AtomicFile.write(lines, to: file)
  }
}
