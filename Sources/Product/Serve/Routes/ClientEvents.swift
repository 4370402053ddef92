import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Pipeline

/// Work on the model's thread for one client: done when its turn comes, and given up when the client has gone.
struct ClientEvents<Event: Sendable>: Sendable {
  /// Ends with the work.
  let events: AsyncThrowingStream<Event, any Error>

  /// - Parameters:
  ///   - name: among whom the turns go round; nil for the client's address
  ///   - share: what the request holds, until the work is done
  ///   - work: returns the last event; is told whether it is wanted still, and tells of what happens
  init(
    of context: ServeContext, named name: String? = nil, _ share: HeldBytes.Share, _ parts: ServeParts,
    _ work:
      @escaping @Sendable (
        _ isWanted: @escaping @Sendable () -> Bool, _ heard: @escaping @Sendable (Event) -> Void
      ) async throws -> Event
  ) {
    let (events, sink) = AsyncThrowingStream.makeStream(of: Event.self)
    self.events = events
    let cancellation = Cancellation()
    let client = name ?? context.client
    let task = Task {
      defer { withExtendedLifetime(share) {} }
      do {
        let last = try await parts.queue.withTurn(of: client) {
          try await work({ !cancellation.isRequested }) { sink.yield($0) }
        }
        sink.yield(last)
        sink.finish()
      } catch {
        if error is CancellationError || (error as? PictureError) == .cancelled {
          parts.metrics.count(.cancelled)
        }
        sink.finish(throwing: error)
      }
    }
    sink.onTermination = { reason in
      guard case .cancelled = reason else { return }
      cancellation.request()
      task.cancel()
    }
    // The connection may outlive many requests: it keeps no more of each than this.
    context.channel.closeFuture.whenComplete { [weak cancellation] _ in
      guard let cancellation else { return }
      cancellation.request()
      task.cancel()
    }
  }
}

extension Response {
  /// A stream of server-sent events. What goes wrong in it is its last event: it is too late for a status.
  static func events(
    endingWith end: String = "",
    _ body: @escaping @Sendable (_ send: (any Encodable) async throws -> Void) async throws -> Void
  ) -> Response {
    let stream = ResponseBody { writer in
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      func send(_ value: any Encodable) async throws {
        try await writer.write(
          ByteBuffer(data: Data("data: ".utf8) + (try encoder.encode(value)) + Data("\n\n".utf8)))
      }
      do {
        try await body(send)
        if !end.isEmpty { try await writer.write(ByteBuffer(string: end)) }
      } catch {
        try await send(ErrorReport(error))
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"],
      body: stream)
  }
}
