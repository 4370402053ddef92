import CrayonCore
import CrayonPrompting
import Foundation
import Imaging
import Inspection
import Language
import Panoptic
import Pipeline
import Tensors

/// The pipelines, and what has been seen and read for earlier requests. All of it is the model's thread's own.
actor ModelHost {
  /// All that a seen picture depends on.
  private struct PictureKey: Hashable {
    var pipeline: String
    var picture: String
    var show: String
    var listing: String
    var dropped: [Int32]
    var map: String
  }

  /// All that what was read of it depends on besides.
  private struct ReadingKey: Hashable {
    var picture: PictureKey
    var imageGain: Float
    var visualLanguageGain: Float
  }

  private let thread = WorkThread("crayon-model")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let pipelines: [String: Pipeline]
  private let metrics: Metrics
  private var pictures: LeastRecentlyUsed<PictureKey, SeenPicture>
  private var readings: LeastRecentlyUsed<ReadingKey, Conversation>

  init(_ pipelines: [Pipeline], _ limits: ServeLimits, _ metrics: Metrics) {
    self.pipelines = Dictionary(
      pipelines.map { ($0.configuration.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.metrics = metrics
    pictures = LeastRecentlyUsed(limit: limits.seenBytes)
    readings = LeastRecentlyUsed(limit: limits.readBytes)
  }

  /// One of them; asked before a request waits for its turn.
  /// - Throws: ``ServeError/noSuchModel(_:known:)``
  nonisolated func pipeline(_ name: String) throws -> Pipeline {
    guard let pipeline = pipelines[name] else {
      throw ServeError.noSuchModel(String(name.prefix(64)), known: pipelines.keys.sorted())
    }
    return pipeline
  }

  /// Sees a picture, or remembers it.
  /// - Throws: the stages' errors
  func look(
    _ work: LookWork, isCancelled: @Sendable () -> Bool,
    began: @Sendable (StageTimings.Stage) -> Void = { _ in }
  ) throws -> FinishedLook {
    let (seen, _, isKnown) = try see(work, isCancelled: isCancelled, began: began)
    if !isKnown { metrics.add(seen.timings) }
    return FinishedLook(
      map: seen.map, categories: seen.vocabulary ?? work.pipeline.categories,
      inspection: work.inspects
        ? try InspectionReport(seen, answer: nil, influence: [], withPicture: work.returnsPicture) : nil,
      timings: seen.timings)
  }

  /// Answers.
  /// - Throws: the stages' errors, or `PictureError.cancelled`
  func ask(
    _ work: AskWork, isCancelled: @escaping @Sendable () -> Bool, heard: @Sendable (AskEvent) -> Void
  ) throws -> FinishedAnswer {
    let pipeline = work.look.pipeline
    let (seen, key, isKnown) = try see(work.look, isCancelled: isCancelled) { heard(.began($0)) }
    let points = try work.points.map { try seen.segmentBox(x: $0[0], y: $0[1]) }
    let options = AskOptions(
      imageGain: work.imageGain, visualLanguageGain: work.visualLanguageGain,
      answer: AnswerOptions(
        limit: work.mostTokens ?? pipeline.answerLimit, sampling: work.sampling, stops: work.stops,
        beams: work.beams),
      regions: work.regions + points, boxes: work.boxes)
    let reading = ReadingKey(
      picture: key, imageGain: work.imageGain, visualLanguageGain: work.visualLanguageGain)
    var conversation = readings.take(reading) ?? Conversation(pipeline, on: seen, isKnown: isKnown)
    conversation.resume(after: work.earlier)
    heard(.began(.language))
    let answer = try conversation.ask(work.question, options: options, isCancelled: isCancelled) {
      heard(.text($0))
    }
    let positions = answer.reply.promptTokens + answer.reply.tokens.count
    let influence =
      work.look.inspects && answer.reply.end != .cancelled
      ? try conversation.crayonInfluence(answer, options: options) : []
    // Lists that grow make room by doubling.
    var room = 1
    while room < positions { room *= 2 }
    readings.put(conversation, for: reading, cost: room * pipeline.bytesPerPosition)
    if answer.reply.end == .cancelled { throw PictureError.cancelled }
    count(answer)
    var report = AnswerReport(answer, on: seen, by: pipeline, options: options)
    if !work.keepsMasks {
      for index in report.regions.indices { report.regions[index].mask = nil }
    }
    let notes = work.notes + answer.notes + (seen.crayon.unmatched.isEmpty ? [] : [Self.unmatched(seen)])
    return FinishedAnswer(
      report: report, promptTokens: answer.reply.promptTokens, reusedTokens: answer.reply.reusedTokens,
      chosenTokens: answer.reply.chosenTokens, notes: notes,
      inspection: work.look.inspects
        ? try InspectionReport(
          seen, answer: answer, influence: influence, withPicture: work.look.returnsPicture) : nil)
  }

  private static func unmatched(_ seen: SeenPicture) -> String {
    "the model has no word for \(seen.crayon.unmatched.joined(separator: ", ")); it sees them as unknown"
  }

  private func see(
    _ work: LookWork, isCancelled: () -> Bool, began: (StageTimings.Stage) -> Void
  ) throws -> (SeenPicture, PictureKey, isKnown: Bool) {
    if isCancelled() { throw PictureError.cancelled }
    let key = PictureKey(
      pipeline: work.pipeline.configuration.name, picture: FileDigest.sha256(of: work.picture),
      show: work.options.crayon.rawValue,
      listing: work.options.listing?.rawValue ?? "", dropped: work.options.dropped.sorted(),
      map: work.options.map?.digest ?? "")
    if let seen = pictures.value(key) {
      metrics.count(.picturesKnown)
      return (seen, key, true)
    }
    let seen = try work.pipeline.look(
      at: ImageDecoder.Input(name: "the picture", data: work.picture), options: work.options,
      isCancelled: isCancelled, began: began)
    metrics.count(.picturesSeen)
    pictures.put(seen, for: key, cost: seen.bytes)
    return (seen, key, false)
  }

  private func count(_ answer: PictureAnswer) {
    metrics.add(answer.timings)
    metrics.count(.promptTokens, answer.reply.promptTokens)
    metrics.count(.reusedTokens, answer.reply.reusedTokens)
    metrics.count(.answerTokens, answer.reply.chosenTokens)
  }
}

extension SeenPicture {
  /// What it takes of memory, about: pixels, ids, tokens, and what pocket's masks are drawn on.
  fileprivate var bytes: Int {
    image.pixels.count + map.ids.count * 4 + 4 * (3 * imageTokens.count + vision.features.count) + 1 << 19
  }
}
