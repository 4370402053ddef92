import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Pipeline

/// Makes errors into answers, counts requests, and says in every answer what a browser must not do with it.
struct AnsweringMiddleware: RouterMiddleware {
  let parts: ServeParts

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    let open = parts.metrics.began()
    var response: Response
    do {
      response = try await next(request, context)
    } catch  where error.isOfGoneClient {
      // Nobody reads it.
      response = Response(status: .init(code: OpenRequest.left))
    } catch let error as HTTPError where error.status == .notFound {
      response = .refusal(ErrorReport(ServeError.noSuchPath(String(request.uri.path.prefix(200)))))
    } catch {
      response = .refusal(parts.report(error, at: request.uri.path))
    }
    if Self.leavesBody.contains(response.status.code), request.hasBody {
      response.headers[.connection] = "close"
    }
    for (name, value) in Self.headers { response.headers[name] = value }
    open.isAnswered(at: context.endpointPath ?? "none", with: response.status.code)
    response.body = response.body.keeping(open)
    return response
  }

  /// What is refused before its body is read.
  private static let leavesBody: Set<Int> = [401, 403, 404, 405, 408, 413, 415]

  private static let headers: [(HTTPField.Name, String)] =
    [
      (.cacheControl, "no-cache"),
      (.contentSecurityPolicy, PageFiles.policy),
      (.xContentTypeOptions, "nosniff"),
    ]
    + [
      ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Cross-Origin-Opener-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

extension Error {
  /// Whether it only says that the client has gone.
  var isOfGoneClient: Bool {
    self is CancellationError || self is ChannelError || self is IOError
      || (self as? PictureError) == .cancelled
  }
}

/// Keeps pages from elsewhere out, which a person's browser would let use a server on the same machine: those that have
/// their own name lead here (DNS rebinding), and those that send requests across sites.
struct ForeignPageMiddleware: RouterMiddleware {
  /// Names that the server has; nil where any will do, because a key is asked for.
  let names: Set<String>?

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    // No browser leaves it out, as clients of HTTP/1.0 do.
    let authority = request.head.authority
    if let names, let host = authority.map(Self.host), !names.contains(host),
      !(Self.isAddress(host) && names.contains("*"))
    {
      throw ServeError.foreignHost(String(host.prefix(100)))
    }
    if let origin = request.headers[.origin],
      !["http://", "https://"].contains(where: { origin == $0 + (authority ?? "") })
    {
      throw ServeError.foreignPage
    }
    if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }),
      !["same-origin", "none"].contains(site)
    {
      let mode = HTTPField.Name("Sec-Fetch-Mode").flatMap { request.headers[$0] }
      // Links to the page may stand anywhere.
      guard request.method == .get, request.uri.path == "/", mode == "navigate" else {
        throw ServeError.foreignPage
      }
    }
    return try await next(request, context)
  }

  /// Without the port.
  static func host(_ authority: String) -> String {
    let lowered = authority.lowercased()
    if lowered.hasPrefix("[") { return String(lowered.prefix { $0 != "]" }) + "]" }
    return String(lowered.prefix { $0 != ":" })
  }

  /// An address of numbers, which cannot be a name that leads here by somebody's doing.
  private static func isAddress(_ host: String) -> Bool {
    if host.hasPrefix("[") { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// Asks for the key.
struct KeyMiddleware: RouterMiddleware {
  /// A hash, so that comparing takes the same time whatever was sent.
  private let digest: SHA256.Digest
  /// What anybody may see: the page, which has nothing of anybody's, and whether the server lives.
  private static let open: Set<String> = ["/", "/healthz", "/openapi.json"]

  init(key: String) { digest = SHA256.hash(data: Data(key.utf8)) }

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    let path = request.uri.path
    if Self.open.contains(path) || path.hasPrefix("/page/") { return try await next(request, context) }
    let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
    let sent = parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : ""
    // Digests compare in constant time.
    guard SHA256.hash(data: Data(sent.utf8)) == digest else { throw ServeError.badKey }
    return try await next(request, context)
  }
}

/// What a request brings beside itself: the connection that it came over.
struct ServeContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// Whose turn it is in the queue, where the request does not say.
  var client: String { channel.remoteAddress?.ipAddress ?? "" }

  /// What stands in the path where the route has a name in braces.
  func parameter(_ name: String) -> String {
    let text = parameters.get(name) ?? ""
    return text.removingPercentEncoding ?? text
  }
}

/// A connection of HTTP/1.1, or of HTTP/1.0 with a client that knows no more: that gets no body in chunks, but one that
/// ends with the connection.
struct ServeChannel: ServerChildChannel {
  let http1: HTTP1Channel

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    http1.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      // Behind the codec, nothing tells which HTTP it is.
      let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
      try pipeline.addHandler(OldClientHandler(), position: .before(codec))
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await http1.handle(value: value, logger: logger)
  }
}

/// Answers requests of HTTP/1.0 in HTTP/1.0, one a connection.
private final class OldClientHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private var isOld = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data), head.version != .http1_1 else {
      return context.fireChannelRead(data)
    }
    isOld = true
    head.headers.replaceOrAdd(name: "connection", value: "close")
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard isOld, case .head(var head) = unwrapOutboundIn(data) else {
      return context.write(data, promise: promise)
    }
    head.version = .http1_0
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }
}

/// Closes a connection as soon as its client has: who has gone is then found by the connection's `closeFuture`, also
/// while nothing is written. (Half-closed connections, which no client of HTTP needs, are not served.)
final class GoneClientHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = Any

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }
}

/// Closes the connection behind an answer that says so: else the rest of a body that is not wanted is read to its end.
final class ClosingHandler: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What was sent and is not read lets the system take back the answer, so that it gets time to arrive.
  private static let grace = TimeAmount.seconds(1)
  private var isLast = false

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let response): isLast = response.headerFields[.connection] == "close"
    case .body: break
    case .end where isLast:
      let channel = context.channel
      channel.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
    case .end: break
    }
    context.write(data, promise: promise)
  }
}
