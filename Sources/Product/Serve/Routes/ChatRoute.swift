import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Pipeline

/// What routes share.
struct ServeParts: Sendable {
  let host: ModelHost
  let queue: FairQueue
  let limits: ServeLimits
  let metrics: Metrics
  let held: HeldBytes
  let models: [ModelList.Model]
}

/// `POST /v1/chat/completions`
struct ChatRoute: Sendable {
  let parts: ServeParts

  func respond(to request: Request, context: ServeContext) async throws -> Response {
    guard request.hasContent("application/json") else {
      throw ServeError.wrongContentType(expected: "application/json")
    }
    let share = parts.held.share()
    let chat = try ChatRequest(decoding: try await request.wholeBody(parts.limits, share), parts.limits)
    let work = try AskWork(chat, parts.limits)
    let stamp = ReplyStamp(model: chat.model)
    // Clients that are told apart take turns.
    let client = context.client + (chat.user.map { " " + $0.prefix(128) } ?? "")
    let parts = parts
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
    return .events(endingWith: "data: [DONE]\n\n") { send in
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
