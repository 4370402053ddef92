import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOPosix
import Serve
import TestSupport

@testable import Pipeline

/// A server that is up while a test speaks with it.
struct ServerClient: Sendable {
  struct Reply {
    var status: Int
    var headers: [String: String]
    var data: Data

    var text: String { String(decoding: data, as: UTF8.self) }
    var object: [String: Any] { (try? JSONSerialization.jsonObject(with: data) as? [String: Any]) ?? [:] }
    /// OpenAI's message of an error.
    var message: String { ((object["error"] as? [String: Any])?["message"] as? String) ?? "" }
    var crayon: [String: Any] { (object["crayon"] as? [String: Any]) ?? [:] }
    var content: String {
      let choices = object["choices"] as? [[String: Any]]
      return ((choices?.first?["message"] as? [String: Any])?["content"] as? String) ?? ""
    }
  }

  let port: Int

  func send(
    _ path: String, _ method: String = "GET", headers: [String: String] = [:], body: Data? = nil
  ) async throws -> Reply {
    var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
    request.method = .init(rawValue: method)
    for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(data: body)) }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(300))
    let bytes = try await response.body.collect(upTo: 1 << 28)
    return Reply(
      status: Int(response.status.code),
      headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 }),
      data: Data(buffer: bytes))
  }

  /// What a client gets that sends these bytes and reads until the server closes the connection.
  func exchange(_ text: String) async throws -> String {
    let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await connection.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      var received = ByteBuffer()
      for try await piece in inbound { received.writeImmutableBuffer(piece) }
      return String(buffer: received)
    }
  }

  func post(_ path: String, _ object: Any, headers: [String: String] = [:]) async throws -> Reply {
    try await send(
      path, "POST", headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own },
      body: try JSONSerialization.data(withJSONObject: object))
  }

  /// A question about a picture.
  func ask(
    _ question: String, _ picture: Data, model: String = "pocket-scenes", _ more: [String: Any] = [:]
  ) async throws -> Reply {
    try await post("/v1/chat/completions", Self.body(question, picture, model: model, more))
  }

  static func body(
    _ question: String, _ picture: Data, model: String = "pocket-scenes", _ more: [String: Any] = [:]
  ) -> [String: Any] {
    let address = "data:image/png;base64,\(picture.base64EncodedString())"
    let parts: [[String: Any]] = [
      ["type": "text", "text": question], ["type": "image_url", "image_url": ["url": address]],
    ]
    let body: [String: Any] = ["model": model, "messages": [["role": "user", "content": parts]]]
    return body.merging(more) { $1 }
  }

  /// Runs a test against a server that is gone behind it.
  static func with(_ server: CrayonServer, _ test: @Sendable (ServerClient) async throws -> Void) async throws {
    let (ports, sink) = AsyncStream.makeStream(of: Int.self)
    let serving = Task { try await server.serve { sink.yield($0) } }
    defer { serving.cancel() }
    for await port in ports { return try await test(ServerClient(port: port)) }
  }

  static func server(
    _ pipelines: [Pipeline] = [], key: String? = nil, limits: ServeLimits = ServeLimits(),
    change: (inout CrayonServer.Options) -> Void = { _ in }
  ) -> CrayonServer {
    var options = CrayonServer.Options()
    (options.port, options.key) = (0, key)
    change(&options)
    return CrayonServer(pipelines, folder: nil, options: options, limits: limits, log: { _ in })
  }

  static let samples = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Samples")

  static func sample(_ name: String) throws -> Data {
    try Data(contentsOf: samples.appendingPathComponent(name))
  }
}
