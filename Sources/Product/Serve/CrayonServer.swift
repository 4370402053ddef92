package import Annotation
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Imaging
import Logging
import NIOCore
package import Pipeline
import ServiceLifecycle
import UnixSignals

/// Why a server cannot be reached at all.
package struct ListeningError: Error, CustomStringConvertible {
  var host: String
  var port: Int
  var reason: String

  package var description: String { "nothing can be served at \(host), port \(port): \(reason)" }
}

/// `crayon serve`: the API, and the page.
package struct CrayonServer: Sendable {
  /// How the server is reached.
  package struct Options: Sendable {
    package var host = "127.0.0.1"
    package var port = 8080
    /// nil where none is asked for.
    package var key: String?
    /// Names besides the host's own that a browser may know the server by.
    package var names: [String] = []
    /// Whether pictures are fetched from public addresses of the web.
    package var fetchesPictures = false

    package init() {}

    /// Whether only this machine reaches it.
    package var isLocal: Bool { Self.localNames.contains(ForeignPageMiddleware.host(host)) || host == "::1" }

    static let localNames: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// nil where every name will do: a page from elsewhere does not have the key.
    var allowedNames: Set<String>? {
      guard key == nil else { return nil }
      let own = Set(([host] + names).map { $0.lowercased() })
      // Without a key on an open address, by numbers alone.
      return Self.localNames.union(own).union(isLocal ? [] : ["*"])
    }
  }

  private let options: Options
  private let parts: ServeParts
  private let gallery: Gallery?

  /// - Parameters:
  ///   - pipelines: what can be asked; the first is the page's own choice
  ///   - folder: what the gallery shows; nil for none
  ///   - log: called with what went wrong and is no client's fault
  package init(
    _ pipelines: [Pipeline], folder: AnnotationFolder?, options: Options = Options(),
    limits: ServeLimits = ServeLimits(), log: @escaping @Sendable (String) -> Void
  ) {
    self.options = options
    let metrics = Metrics()
    parts = ServeParts(
      host: ModelHost(pipelines, limits, metrics), queue: FairQueue(limit: limits.queue), limits: limits,
      pictures: PictureSource(limits: limits, fetches: options.fetchesPictures), metrics: metrics,
      held: HeldBytes(limit: limits.heldBytes), reader: RequestReader(),
      models: pipelines.map(ModelList.Model.init), log: log)
    gallery = folder.map { Gallery($0, limits: limits, metrics: metrics, log: log) }
  }

  /// Serves until SIGTERM or SIGINT. Requests that are being answered then come to their end, if that takes no longer
  /// than ``ServeLimits/stoppingSeconds``.
  /// - Parameter started: called with the port
  package func run(started: @escaping @Sendable (Int) -> Void) async throws {
    await prepare()
    let application = application(started: started)
    var configuration = ServiceGroupConfiguration(
      services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: application.logger)
    // Then connections are closed, and what is still at work is given up, as if the clients had gone.
    configuration.maximumGracefulShutdownDuration = .seconds(parts.limits.stoppingSeconds)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch let error as IOError {
      throw ListeningError(
        host: options.host, port: options.port, reason: String(cString: strerror(error.errnoCode)))
    } catch is SocketAddressError {
      throw ListeningError(host: options.host, port: options.port, reason: "there is no such host")
    }
    await finish()
  }

  /// Reads what the gallery shows.
  package func prepare() async { await gallery?.open() }

  /// Writes what is left to write.
  package func finish() async { await gallery?.close() }

  /// Serves until its task is cancelled.
  /// - Parameter started: called with the port
  package func serve(started: @escaping @Sendable (Int) -> Void) async throws {
    try await application(started: started).run()
  }

  private func application(started: @escaping @Sendable (Int) -> Void) -> some ApplicationProtocol {
    var application = Application(
      router: refusingOtherMethods(router()),
      server: HTTPServerBuilder { responder in
        ServeChannel(
          http1: HTTP1Channel(
            responder: responder,
            configuration: .init(
              additionalChannelHandlers: [GoneClientHandler(), ClosingHandler()], idleTimeout: .seconds(60))))
      },
      configuration: ApplicationConfiguration(
        address: .hostname(options.host, port: options.port),
        availableConnectionsDelegate: MaximumAvailableConnections(parts.limits.connections)),
      onServerRunning: { channel in started(channel.localAddress?.port ?? 0) })
    application.logger.logLevel = .critical
    return application
  }

  /// What can be asked for: "GET /v1/models/{model}".
  package var routes: [String] {
    router().routes.map { "\($0.method.rawValue) \($0.path.description)" }
  }

  private func router() -> Router<ServeContext> {
    let router = Router(context: ServeContext.self, options: .autoGenerateHeadEndpoints)
    router.middlewares.add(AnsweringMiddleware(parts: parts))
    router.middlewares.add(ForeignPageMiddleware(names: options.allowedNames))
    if let key = options.key { router.middlewares.add(KeyMiddleware(key: key)) }
    let (chat, annotation, parts) = (ChatRoute(parts: parts), AnnotationRoute(parts: parts), parts)
    let list = ModelList(data: parts.models, crayon: ModelList.Crayon(folder: gallery?.name))
    router.post("/v1/chat/completions", use: chat.respond)
    router.post("/v1/annotations", use: annotation.respond)
    router.get("/v1/models") { _, _ in try Response.json(list) }
    router.get("/v1/models/{model}") { _, context in
      try Response.json(ModelList.Model(parts.host.pipeline(context.parameter("model"))))
    }
    router.get("/healthz") { _, _ in Response.text("ok\n", type: "text/plain; charset=utf-8") }
    router.get("/metrics") { _, _ in
      Response.text(
        parts.metrics.text(waiting: await parts.queue.count), type: "text/plain; version=0.0.4; charset=utf-8")
    }
    router.get("/openapi.json") { _, _ in
      Response.bytes(Data(PackageResources.openapi_json), type: "application/json")
    }
    for file in PageFiles.all {
      router.get(RouterPath(file.path)) { _, _ in Response.text(file.text, type: file.type) }
    }
    GalleryRoutes(gallery: gallery, parts: parts).add(to: router)
    return router
  }

  /// With an answer for the methods that a path does not take.
  private func refusingOtherMethods(_ router: Router<ServeContext>) -> Router<ServeContext> {
    for (path, routes) in Dictionary(grouping: router.routes, by: \.path.description) {
      var taken = routes.map(\.method)
      if taken.contains(.get) { taken.append(.head) }
      let methods = taken.map(\.rawValue).sorted()
      let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
      for method in others where !taken.contains(method) {
        router.on(RouterPath(path), method: method) { _, _ -> Response in
          throw ServeError.wrongMethod(method.rawValue, allowed: methods)
        }
      }
    }
    return router
  }
}

/// How much of anything a request may have. What is over a limit is refused before memory is taken for it.
package struct ServeLimits: Sendable {
  /// Of one request's body.
  package var bodyBytes = 48 << 20
  /// Of all bodies that are held at one moment.
  package var heldBytes = 256 << 20
  package var bodySeconds = 60.0
  /// Of a picture, or of a map.
  package var pixels = 64_000_000
  /// Requests that wait for the model.
  package var queue = 64
  package var messages = 256
  package var regions = 64
  package var segments = 20_000
  package var connections = 1024
  /// Bytes of pictures that have been seen and are kept.
  package var seenBytes = 384 << 20
  /// Bytes of what the language model has read and that is kept.
  package var readBytes = 384 << 20
  /// How long requests are let go on when the server is stopped.
  package var stoppingSeconds = 10

  package init() {}
}
