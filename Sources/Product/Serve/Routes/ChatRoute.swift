import CrayonCore
import Foundation
import HTTPTypes
import Hummingbird
import Inspection
import NIOCore
import NIOFoundationCompat
import Pipeline

/// What routes share.
struct ServeParts: Sendable {
  let host: ModelHost
  let queue: FairQueue
  let limits: ServeLimits
  let pictures: PictureSource
  let metrics: Metrics
  let held: HeldBytes
  let reader: RequestReader
  let models: [ModelList.Model]
  /// Told of what is no client's fault.
  let log: @Sendable (String) -> Void

  /// What a client is told of what went wrong.
  func report(_ error: any Error, at path: String) -> ErrorReport {
    let report = ErrorReport(error)
    if report.status == 500, !(error is CancellationError) { log("error: \(path.prefix(200)): \(error)") }
    return report
  }
}

/// Reads bodies one at a time on a thread of its own: a large one takes seconds, and much more memory than its bytes.
actor RequestReader {
  private let thread = WorkThread("crayon-requests")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  func read<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value {
    // Who waits for this thread may have been given up.
    try Task.checkCancellation()
    return try body()
  }
}

/// `POST /v1/chat/completions`
struct ChatRoute: Sendable {
  let parts: ServeParts

  func respond(to request: Request, context: ServeContext) async throws -> Response {
    guard request.hasContent("application/json") else {
      throw ServeError.wrongContentType(expected: "application/json")
    }
    let share = parts.held.share()
    let (parts, path) = (parts, request.uri.path)
    let body = try await request.wholeBody(parts.limits, share, over: context.channel)
    let (chat, dialogue) = try await parts.reader.read {
      let chat = try ChatRequest(decoding: body, parts.limits)
      return (chat, try Dialogue(chat))
    }
    let picture = try await parts.pictures.picture(of: dialogue.addresses, share)
    let work = try await parts.reader.read {
      try AskWork(chat, dialogue, picture: picture, on: parts.host, parts.limits)
    }
    let stamp = ReplyStamp(model: chat.model)
    // Clients that are told apart take turns.
    let client = context.client + (chat.user.map { " " + $0.prefix(128) } ?? "")
    let events = ClientEvents<AskEvent>(of: context, named: client, share, parts) { isWanted, heard in
      try await .finished(parts.host.ask(work, isCancelled: { !isWanted() }, heard: heard))
    }.events
    guard chat.streams else {
      for try await event in events {
        if case .finished(let answer) = event { return try .json(ChatCompletion(answer, stamp: stamp)) }
      }
      throw CancellationError()
    }
    // What goes wrong before the first word is an answer of its own, and no part of a stream.
    var before: [AskEvent] = []
    for try await event in events {
      if case .began = event, !chat.crayon.progress { continue }
      before.append(event)
      break
    }
    let first = before
    return .events(endingWith: "data: [DONE]\n\n", reporting: { parts.report($0, at: path) }) { send in
      var isFirst = true
      func take(_ event: AskEvent) async throws {
        switch event {
        case .began(let stage):
          if chat.crayon.progress { try await send(ChatChunk.stage(stage.rawValue, stamp)) }
        case .text(let text):
          try await send(ChatChunk.text(text, isFirst: isFirst, stamp))
          isFirst = false
        case .finished(let answer):
          try await send(ChatChunk.end(answer, isFirst: isFirst, stamp))
          if chat.includesUsage { try await send(ChatChunk.usage(answer, stamp)) }
        }
      }
      for event in first { try await take(event) }
      for try await event in events { try await take(event) }
    }
  }
}

/// `GET /v1/models`
struct ModelList: Encodable, Sendable {
  struct Model: Encodable, Sendable {
    struct Crayon: Encodable, Sendable {
      var description: String
      /// What should be known before it is used.
      var notice: String?
      /// What its segmenter can name.
      var categories: Int
      var points: Bool
    }

    var id: String
    var object = "model"
    var created = 0
    var owned_by = "crayon"
    var crayon: Crayon

    init(_ pipeline: Pipeline) {
      let configuration = pipeline.configuration
      id = configuration.name
      crayon = Crayon(
        description: configuration.description, notice: configuration.notice,
        categories: pipeline.categories.categories.count, points: (try? pipeline.requirePointing()) != nil)
    }
  }

  struct Crayon: Encodable, Sendable {
    /// What the gallery shows; nil where there is none.
    var folder: String?
  }

  var object = "list"
  var data: [Model]
  var crayon: Crayon
}

/// A map in the COCO panoptic format, and its PNG in base64.
struct AnnotationReply: Encodable {
  var panoptic: COCOPanoptic
  var png: String
  var timings_ms: [String: Double]
  var inspection: InspectionReport?

  /// - Throws: `COCOPanopticError` or `PNGError`
  init(_ look: FinishedLook) throws {
    let map = look.map
    let image = COCOPanoptic.Image(
      id: .number(1), file_name: "picture.png", width: map.width, height: map.height)
    panoptic = COCOPanoptic(
      images: [image],
      annotations: [
        COCOPanoptic.Annotation(
          image_id: .number(1), file_name: image.file_name, segments_info: map.segmentsInfo)
      ], categories: look.categories.categories.map(COCOPanoptic.Entry.init))
    png = try map.encodedPNG(name: image.file_name).base64EncodedString()
    timings_ms = Dictionary(
      look.timings.entries.map { ($0.rawValue, $1.milliseconds) }, uniquingKeysWith: { first, _ in first })
    inspection = look.inspection
  }
}

/// `POST /v1/annotations`: a picture, as it is or in an object; its map, or with `Accept: image/png` the map's PNG alone.
struct AnnotationRoute: Sendable {
  private enum Event: Sendable {
    case began(StageTimings.Stage)
    case finished(FinishedLook)
  }

  private struct Progress: Encodable { var stage: String }

  let parts: ServeParts

  func respond(to request: Request, context: ServeContext) async throws -> Response {
    let share = parts.held.share()
    let (parts, path) = (parts, request.uri.path)
    let (look, streams): (LookWork, Bool)
    if request.hasContent("application/json") {
      let body = try await request.wholeBody(parts.limits, share, over: context.channel)
      let asked = try await parts.reader.read { try AnnotationRequest(decoding: body, parts.limits) }
      let picture = try await parts.pictures.bytes(of: asked.image, share)
      look = try await parts.reader.read { try asked.work(with: picture, on: parts.host, parts.limits) }
      streams = asked.streams
    } else if request.hasContent("image/") || request.hasContent("application/octet-stream") {
      let model = request.uri.queryParameters.get("model") ?? parts.models.first?.id ?? ""
      look = LookWork(
        pipeline: try parts.host.pipeline(model),
        picture: try await request.wholeBody(parts.limits, share, over: context.channel),
        options: try CrayonRequest().lookOptions(parts.limits))
      streams = false
    } else {
      throw ServeError.wrongContentType(expected: "application/json, or image/… for a picture as it is")
    }
    let events = ClientEvents<Event>(of: context, share, parts) { isWanted, heard in
      try await .finished(parts.host.look(look, isCancelled: { !isWanted() }) { heard(.began($0)) })
    }.events
    if streams {
      return .events(reporting: { parts.report($0, at: path) }) { send in try await Self.send(events, by: send)
      }
    }
    for try await event in events {
      guard case .finished(let look) = event else { continue }
      if request.headers[.accept]?.lowercased().hasPrefix("image/png") == true {
        return .bytes(try look.map.encodedPNG(name: "the map"), type: "image/png")
      }
      return try .json(try AnnotationReply(look))
    }
    throw CancellationError()
  }

  private static func send(
    _ events: AsyncThrowingStream<Event, any Error>, by send: (any Encodable) async throws -> Void
  ) async throws {
    for try await event in events {
      switch event {
      case .began(let stage): try await send(Progress(stage: stage.rawValue))
      case .finished(let look): try await send(AnnotationReply(look))
      }
    }
  }
}
