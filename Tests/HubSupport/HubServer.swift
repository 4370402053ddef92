public import Foundation
import NIOCore
public import NIOHTTP1
import NIOPosix
import Synchronization

/// A hub on this machine with the manners of bad networks: it can cut, fall silent, lie about lengths, give wrong bytes,
/// redirect and refuse.
public final class HubServer: Sendable {
  public struct Request: Sendable {
    public var path: String
    public var query: String
    public var headers: HTTPHeaders

    /// Behind the last byte of a range; nil where it goes to the end.
    public var end: Int? {
      headers.first(name: "range").flatMap { $0.split(separator: "-").dropFirst().first }.flatMap { Int($0) }
        .map { $0 + 1 }
    }

    /// Where a range begins; 0 without one.
    public var offset: Int {
      headers.first(name: "range").flatMap { $0.split(separator: "=").last?.split(separator: "-").first }
        .flatMap { Int($0) } ?? 0
    }
  }

  public struct Answer: Sendable {
    public var status: HTTPResponseStatus
    public var headers: [(String, String)]
    public var body: Data
    /// What `content-length` says; nil for the truth, and for none where the body has no known end.
    public var claimedLength: Int?
    /// Bytes after which the connection ends, or the server falls silent.
    public var cutsAfter: Int?
    public var fallsSilent = false

    public init(status: HTTPResponseStatus = .ok, headers: [(String, String)] = [], body: Data = Data()) {
      self.status = status
      self.headers = headers
      self.body = body
    }
  }

  private let channel: any Channel

  /// - Parameter answer: called for each request with how often its path was asked for before
  public init(_ answer: @escaping @Sendable (_ request: Request, _ before: Int) -> Answer) async throws {
    let log = RequestLog()
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(HTTPResponseEncoder())
          try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          try pipeline.addHandler(Responder(log: log, answer: answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    self.log = log
  }

  private let log: RequestLog

  public var port: Int { channel.localAddress?.port ?? 0 }
  /// As this machine calls itself, by number; `localhost` is another host to a client.
  public var address: String { "http://127.0.0.1:\(port)" }
  public var otherAddress: String { "http://localhost:\(port)" }

  /// All requests so far.
  public var requests: [Request] { log.requests.withLock { $0 } }

  public func stop() async throws { try await channel.close() }

  private final class RequestLog: Sendable {
    let requests = Mutex<[Request]>([])
  }

  private final class Responder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: RequestLog
    private let answer: @Sendable (Request, Int) -> Answer
    private var head: HTTPRequestHead?

    init(log: RequestLog, answer: @escaping @Sendable (Request, Int) -> Answer) {
      self.log = log
      self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): self.head = head
      case .body: break
      case .end:
        guard let head else { return }
        let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
        let request = Request(
          path: parts[0].removingPercentEncoding ?? parts[0], query: parts.count > 1 ? parts[1] : "",
          headers: head.headers)
        let before = log.requests.withLock { requests in
          defer { requests.append(request) }
          return requests.filter { $0.path == request.path }.count
        }
        respond(answer(request, before), context)
      }
    }

    private func respond(_ answer: Answer, _ context: ChannelHandlerContext) {
      var headers = HTTPHeaders(answer.headers)
      headers.add(name: "content-length", value: String(answer.claimedLength ?? answer.body.count))
      let response = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
      context.write(wrapOutboundOut(.head(response)), promise: nil)
      let sent = answer.cutsAfter.map { answer.body.prefix($0) } ?? answer.body[...]
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: sent)))), promise: nil)
      if answer.fallsSilent { return }
      if answer.cutsAfter != nil || answer.claimedLength != nil {
        context.close(promise: nil)
      } else {
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      }
    }
  }
}
