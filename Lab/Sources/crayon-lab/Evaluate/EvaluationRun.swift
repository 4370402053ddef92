import ArgumentParser
import CrayonCore
import Evaluation
import Foundation
import Panoptic
import Pipeline
import Questions
import Terminal

/// Asks the questions of an evaluation one after the other, past those that cannot be asked, and keeps what was answered.
struct EvaluationRun {
  /// Questions that were not asked, and so count neither way.
  struct Failure: Encodable, Equatable {
    var image: String
    /// nil where no question of the picture could be asked.
    var question: String?
    var reason: String
    /// How many.
    var questions: Int
  }

  private(set) var failures: [Failure]
  private(set) var evaluator: Evaluator
  private let log: AnswerLog
  private let run: String
  private let interruption = Interruption(saying: "\nstopping after the answer at work\n")
  private let bar: ProgressBar
  private var asked = 0
  /// How many questions the data cannot be asked.
  private let faults: Int
  private var kept = 0
  /// Of pictures that cannot be seen, where ``failures`` counts their questions.
  private var unseen: [URL: Int] = [:]
  /// Of the pictures that were answered about.
  private var digests: [URL: String] = [:]

  /// - Parameters:
  ///   - task: of the evaluation
  ///   - faults: what of the data can be no question
  init(
    _ options: EvaluationOptions, task: String, pictures: Set<URL>, questions: Int, faults: [Failure]
  ) throws {
    evaluator = try options.evaluator()
    evaluator.prepare(for: pictures)
    let run = options.answers == nil ? "" : try RunDigest(evaluator, task: task).text
    self.run = run
    log = try AnswerLog(path: options.answers, run: run)
    self.faults = faults.reduce(0) { $0 + $1.questions }
    failures = faults
    Failure.name(faults)
    if log.keptCount > 0 {
      Console.message("\(log.keptCount) answers are in \(options.answers ?? "") already and are kept")
    }
    bar = ProgressBar(total: questions)
  }

  /// - Parameters:
  ///   - text: of an answer, as it is scored
  ///   - question: whose truth the answer is compared with, where it is words
  /// - Returns: nil where it could not be asked
  /// - Throws: `ExitStatus.interrupted`, an error of the model, or ``AnswerLogError``
  mutating func ask(
    _ asking: AskedQuestion, judging question: Question? = nil, text: (PictureAnswer) -> String
  ) throws -> AnswerLog.Entry? {
    defer {
      asked += 1
      bar.update(done: asked, kept: kept, failed: failures.reduce(0) { $0 + $1.questions })
    }
    if interruption.isRequested { throw stopped() }
    if let known = try log.answer(asking, picture: digest(of: asking.image)) {
      let judgement = judgement(of: known.answer, known.regions, by: question)
      guard known.truth == question?.answer, known.right == judgement?.isRight else {
        throw AnswerLogError.changedTruth(question: asking.text, file: evaluator.options.answers ?? "")
      }
      kept += 1
      return known
    }
    if let index = unseen[asking.image] {
      failures[index].questions += 1
      return nil
    }
    let isStopped = { [interruption] in interruption.isRequested }
    var hasSeen = false
    do {
      let seen = try evaluator.look(at: asking.image, isCancelled: isStopped)
      hasSeen = true
      if let fault = asking.truthFault(seen.image.width, seen.image.height) {
        throw EvaluationError.badTruth(image: asking.image.path, reason: fault)
      }
      let answer = try evaluator.ask(asking, isCancelled: isStopped)
      if answer.reply.end == .cancelled { throw stopped() }
      let entry = entry(asking, question, text(answer), answer.regions.regions)
      try log.add(entry)
      return entry
    } catch let error where Self.isOfOneQuestion(error) {
      fail(asking, isPicture: !hasSeen, "\(error)")
      return nil
    } catch PictureError.cancelled {
      throw stopped()
    }
  }

  /// Says how it ended.
  /// - Throws: `ExitStatus.someFailed` where questions could not be asked
  func finish() throws {
    bar.finish()
    guard !failures.isEmpty else { return }
    let count = failures.reduce(0) { $0 + $1.questions }
    Console.message(
      "\(count) of \(asked + faults) questions were not asked, for the reasons above; the figures leave them out"
    )
    throw ExitStatus.someFailed
  }

  private mutating func fail(_ asking: AskedQuestion, isPicture: Bool, _ reason: String) {
    bar.finish()
    let question = isPicture ? "" : ": “\(asking.text)”"
    Console.message("failed: \(asking.image.lastPathComponent)\(question): \(reason)")
    if isPicture { unseen[asking.image] = failures.count }
    failures.append(
      Failure(image: asking.image.path, question: isPicture ? nil : asking.text, reason: reason, questions: 1))
  }

  private mutating func entry(
    _ asking: AskedQuestion, _ question: Question?, _ text: String, _ regions: [Region]
  ) -> AnswerLog.Entry {
    let judgement = judgement(of: text, regions, by: question)
    return AnswerLog.Entry(
      image: asking.image.path, picture: digest(of: asking.image) ?? "", question: asking.text,
      asked: asking.regions.isEmpty ? nil : asking.regions.map(\.edges), boxes_from: asking.boxes?.rawValue,
      answer: text,
      boxes: regions.map(\.box.edges),
      masks: regions.contains { $0.mask != nil } ? regions.map(\.mask) : nil,
      vias: regions.map(\.via), truth: question?.answer, right: judgement?.isRight,
      words_right: judgement.flatMap { $0.placesAreRight == nil ? nil : $0.wordsAreRight },
      family: question?.family, held_out: question?.isHeldOut, run: run)
  }

  private func judgement(of text: String, _ regions: [Region], by question: Question?) -> AnswerJudgement? {
    question.map { AnswerJudgement(RegionAnswer(text: text, regions: regions), to: $0) }
  }

  private mutating func digest(of image: URL) -> String? {
    if let known = digests[image] { return known }
    let digest = try? FileDigest.sha256(of: image)
    digests[image] = digest
    return digest
  }

  private func stopped() -> any Error {
    bar.finish()
    if let answers = evaluator.options.answers {
      Console.message("stopped; the answers so far are in \(answers), and the same command goes on")
    } else {
      Console.message("stopped; with --answers FILE, the answers so far would be kept")
    }
    return ExitStatus.interrupted
  }

  /// Whether an error is of one picture or question, and not of what answers.
  private static func isOfOneQuestion(_ error: any Error) -> Bool {
    if error is ExitCode || error is PipelineError || error is AnswerLogError { return false }
    if case PictureError.cancelled = error { return false }
    return ExitStatus.status(of: error) != ExitStatus.badModel
  }
}

extension EvaluationRun.Failure {
  /// What of the data can be no question, or several.
  init(ofData reason: String, questions: Int = 1) { self.init(image: "", reason: reason, questions: questions) }

  /// Lines of a file of questions that are left out.
  /// - Parameter count: how many questions of a line would be asked
  static func ofLines(_ faults: [QuestionFile.Fault], count: (QuestionRecord) -> Int) -> [Self] {
    faults.map { Self(ofData: $0.reason, questions: count($0.record)) }.filter { $0.questions > 0 }
  }

  /// Says why, of the first few.
  static func name(_ faults: [Self]) {
    for fault in faults.prefix(5) { Console.message("passed over: \(fault.reason)") }
    if faults.count > 5 { Console.message("passed over: \(faults.count - 5) more like these") }
  }
}

/// What all answers of a run depend on besides picture and question, in one text.
private struct RunDigest {
  let text: String

  private struct Parts: Encodable {
    var task: String
    var pipeline: [String]
    var decoding: Decoding
    var adapters: UsedGains
    var crayon: String
    var listing: String?
    var boxes: String?
    var maps: [String]
  }

  init(_ evaluator: Evaluator, task: String) throws {
    let (options, configuration) = (evaluator.options, evaluator.configuration)
    let asked = options.controls.options(evaluator.pipeline)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let parts = Parts(
      task: task, pipeline: try configuration.weightsFiles().map(\.sha256), decoding: Decoding(asked.answer),
      adapters: .init(image: asked.imageGain, vl: asked.visualLanguageGain), crayon: options.crayon.rawValue,
      listing: options.listing?.rawValue, boxes: options.controls.boxes?.rawValue,
      maps: try options.panopticDir.map { folder in
        let (place, list) = (
          URL(fileURLWithPath: folder), PanopticFolder.list(of: URL(fileURLWithPath: folder))
        )
        let maps = try COCOPanoptic(readingJSON: list).annotations.map { annotation in
          // One that is not there is met again when its picture is asked about.
          (try? FileDigest.sha256(of: place.existing(annotation.file_name))) ?? ""
        }
        return [folder, try FileDigest.sha256(of: list), FileDigest.sha256(of: Data(maps.joined().utf8))]
      } ?? [])
    text = FileDigest.sha256(of: try encoder.encode(parts))
  }
}
