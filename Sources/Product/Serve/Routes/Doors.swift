import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes
import Pipeline

/// Makes errors into answers, counts requests, and says in every answer what a browser must not do with it.
struct AnsweringMiddleware: RouterMiddleware {
  let parts: ServeParts

  func handle(
    _ request: Request, context: ServeContext, next: (Request, ServeContext) async throws -> Response
  ) async throws -> Response {
    parts.metrics.began()
    var response: Response
    do {
      response = try await next(request, context)
    } catch  where error.isOfGoneClient {
      // Nobody reads it. In the figures it is what other servers call a request that its client has closed.
      response = Response(status: .init(code: 499))
    } catch let error as HTTPError where error.status == .notFound {
      response = .refusal(ErrorReport(ServeError.noSuchPath(String(request.uri.path.prefix(200)))))
    } catch {
      response = .refusal(parts.report(error, at: request.uri.path))
    }
    if Self.leavesBody.contains(response.status.code), request.hasBody {
      response.headers[.connection] = "close"
    }
    for (name, value) in Self.headers { response.headers[name] = value }
    parts.metrics.ended(context.endpointPath ?? "none", status: response.status.code)
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
    let authority = request.head.authority ?? ""
    let host = Self.host(authority)
    if let names, !names.contains(host), !(Self.isAddress(host) && names.contains("*")) {
      throw ServeError.foreignHost(String(host.prefix(100)))
    }
    if let origin = request.headers[.origin],
      !["http://", "https://"].contains(where: { origin == $0 + authority })
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
