import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import NIOHTTPTypes
import Pipeline
import Synchronization

extension Response {
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return .bytes(try encoder.encode(value), type: "application/json", status: status, headers: headers)
  }

  static func bytes(
    _ data: Data, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(data: data)))
  }

  static func text(_ text: String, type: String) -> Response { bytes(Data(text.utf8), type: type) }

  /// What a client has already, by its tag.
  static func unchanged(_ tag: String) -> Response { Response(status: .notModified, headers: [.eTag: tag]) }

  /// An error as OpenAI's API words it.
  static func refusal(_ report: ErrorReport) -> Response {
    var headers: HTTPFields = [:]
    if let seconds = report.retryAfter { headers[.retryAfter] = String(seconds) }
    if let allowed = report.allowed { headers[.allow] = allowed.joined(separator: ", ") }
    if report.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
    let status = HTTPResponse.Status(code: report.status)
    return (try? .json(report, status: status, headers: headers)) ?? Response(status: status)
  }
}

extension ResponseBody {
  /// One that is made while it is sent, which keeps its request open until then.
  func keeping(_ open: OpenRequest) -> ResponseBody {
    guard contentLength == nil else { return self }
    return ResponseBody { writer in
      do {
        try await write(writer)
      } catch {
        open.isLeft()
        throw error
      }
      withExtendedLifetime(open) {}
    }
  }
}

/// The bodies that are held at one moment: together at most so much.
final class HeldBytes: Sendable {
  /// What one request holds, until it is let go.
  final class Share: Sendable {
    private let held: HeldBytes
    private let count = Mutex(0)

    fileprivate init(_ held: HeldBytes) { self.held = held }

    func add(_ bytes: Int) throws {
      try held.add(bytes)
      count.withLock { $0 += bytes }
    }

    deinit { held.give(back: count.withLock { $0 }) }
  }

  private let limit: Int
  private let count = Mutex(0)

  init(limit: Int) { self.limit = limit }

  func share() -> Share { Share(self) }

  private func add(_ bytes: Int) throws {
    try count.withLock { count in
      guard count + bytes <= limit else { throw ServeError.heldTooMuch }
      count += bytes
    }
  }

  private func give(back bytes: Int) { count.withLock { $0 -= bytes } }
}

extension HeldBytes.Share {
  /// All that comes, in bytes. No more memory is taken than has come, and it is held.
  func whole(
    _ pieces: some AsyncSequence<ByteBuffer, any Error>, limit: Int, until end: NIODeadline,
    tooLarge: ServeError, tooSlow: ServeError
  ) async throws -> Data {
    var data = Data()
    for try await piece in pieces {
      guard data.count + piece.readableBytes <= limit else { throw tooLarge }
      guard NIODeadline.now() < end else { throw tooSlow }
      try add(piece.readableBytes)
      data.append(contentsOf: piece.readableBytesView)
    }
    return data
  }
}

extension ServeLimits {
  /// By when a body that is begun now must be there.
  var bodyDeadline: NIODeadline { .now() + .nanoseconds(Int64(bodySeconds * 1e9)) }
}

extension Request {
  /// Whether more comes than its head.
  var hasBody: Bool { headers[.transferEncoding] != nil || (headers[.contentLength] ?? "0") != "0" }

  /// The whole body.
  /// - Parameter channel: that it comes over
  /// - Throws: ``ServeError``
  func wholeBody(
    _ limits: ServeLimits, _ share: HeldBytes.Share, over channel: any Channel
  ) async throws -> Data {
    if let encoding = headers[.contentEncoding]?.lowercased(), encoding != "identity" {
      throw ServeError.encodedBody(String(encoding.prefix(64)))
    }
    if let claimed = headers[.contentLength].flatMap({ Int($0) }), claimed > limits.bodyBytes {
      throw ServeError.bodyTooLarge(limit: limits.bodyBytes)
    }
    // Who asks before sending a large body waits for this; curl for a second.
    if headers[.expect]?.lowercased() == "100-continue" {
      try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue))).get()
    }
    return try await share.whole(
      body, limit: limits.bodyBytes, until: limits.bodyDeadline,
      tooLarge: .bodyTooLarge(limit: limits.bodyBytes), tooSlow: .bodyTooSlow)
  }

  /// Whether the client says that it has what is known by a tag, the quotation marks included.
  func has(_ tag: String) -> Bool {
    (headers[.ifNoneMatch] ?? "").split(separator: ",").contains { known in
      // W/ before it makes no difference here.
      known.trimmingCharacters(in: .whitespaces).hasSuffix(tag)
    }
  }

  /// Whether the body is of a type; parameters behind it do not matter.
  func hasContent(_ type: String) -> Bool {
    let claimed = headers[.contentType]?.split(separator: ";").first.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard let claimed = claimed?.lowercased() else { return false }
    return type.hasSuffix("/") ? claimed.hasPrefix(type) : claimed == type
  }
}

/// Work on the model's thread for one client: done when its turn comes, and given up when the client has gone.
struct ClientEvents<Event: Sendable>: Sendable {
  /// Ends with the work.
  let events: AsyncThrowingStream<Event, any Error>

  /// - Parameters:
  ///   - name: among whom the turns go round; nil for the client's address
  ///   - share: what the request holds, until the work is done
  ///   - work: returns the last event; is given whether it is still wanted, and reports what happens
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
        if error.isOfGoneClient { parts.metrics.count(.cancelled) }
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
  /// - Parameter report: makes of what went wrong what the client is told
  static func events(
    endingWith end: String = "", reporting report: @escaping @Sendable (any Error) -> ErrorReport,
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
      } catch  where !error.isOfGoneClient {
        try await send(report(error))
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"],
      body: stream)
  }
}
