import Hummingbird
import NIOCore

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
