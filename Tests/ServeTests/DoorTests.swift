import Foundation
import Serve
import Testing

/// What the server says to whom, without a model.
struct DoorTests {
  @Test func errorsHaveOpenAIsShape() async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      let reply = try await client.send("/v1/nothing")
      #expect(reply.status == 404)
      let error = try #require(reply.object["error"] as? [String: Any])
      #expect(error["message"] as? String == "there is nothing at /v1/nothing")
      #expect(error["type"] as? String == "invalid_request_error")
      #expect(Set(error.keys) == ["message", "type", "param", "code"])
    }
  }

  @Test func aKeyIsAskedForWhereThereIsOne() async throws {
    try await ServerClient.with(ServerClient.server(key: "a-long-key")) { client in
      let without = try await client.send("/v1/models")
      #expect(without.status == 401)
      #expect(without.headers["www-authenticate"] == "Bearer")
      #expect(try await client.send("/v1/models", headers: ["Authorization": "Bearer wrong"]).status == 401)
      #expect(
        try await client.send("/v1/models", headers: ["Authorization": "Bearer a-long-key"]).status == 200)
      #expect(try await client.send("/metrics").status == 401)
      for path in ["/", "/healthz", "/page/app.js"] {
        #expect(try await client.send(path).status == 200, "\(path)")
      }
    }
  }

  @Test(arguments: [
    ["Host": "evil.example"], ["Host": "evil.example:8080"], ["Origin": "https://evil.example"],
    ["Origin": "null"],
    ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
  ])
  func pagesFromElsewhereStayOut(headers: [String: String]) async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      let reply = try await client.send("/v1/models", headers: headers)
      #expect(reply.status == 403)
      #expect(!reply.message.isEmpty)
    }
  }

  @Test func theServersOwnPageComesIn() async throws {
    try await ServerClient.with(ServerClient.server()) { (client: ServerClient) async throws in
      for host in ["localhost:\(client.port)", "127.0.0.1:\(client.port)"] {
        let headers = ["Host": host, "Origin": "http://\(host)", "Sec-Fetch-Site": "same-origin"]
        #expect(try await client.send("/v1/models", headers: headers).status == 200)
      }
      // A link from elsewhere leads to the page, and to nothing else.
      let link = ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]
      #expect(try await client.send("/", headers: link).status == 200)
      #expect(try await client.send("/metrics", headers: link).status == 403)
    }
  }

  /// They need not name the server, and know no chunks: the body ends with the connection.
  @Test(arguments: ["", "Host: localhost\r\n", "Connection: keep-alive\r\n"])
  func clientsOfHTTP10AreAnsweredInIt(headers: String) async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      let reply = try await client.exchange("GET /healthz HTTP/1.0\r\n\(headers)\r\n")
      #expect(reply.hasPrefix("HTTP/1.0 200 OK\r\n"), "\(reply)")
      #expect(reply.hasSuffix("\r\n\r\nok\n"), "\(reply)")
    }
  }

  @Test func namesInAPathAreDecoded() async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      let reply = try await client.send("/v1/models/%74iny%20one")
      #expect(reply.status == 404)
      #expect(reply.message.hasPrefix("there is no model “tiny one” here"), "\(reply.message)")
    }
  }

  @Test func namesThatAreAllowedComeIn() async throws {
    let server = ServerClient.server { $0.names = ["pictures.example"] }
    try await ServerClient.with(server) { (client: ServerClient) async throws in
      #expect(try await client.send("/v1/models", headers: ["Host": "pictures.example"]).status == 200)
    }
  }

  @Test func thePageLoadsNothingFromElsewhere() async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      let page = try await client.send("/")
      #expect(
        page.headers["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self'") == true)
      #expect(page.headers["x-content-type-options"] == "nosniff")
      #expect(page.headers["access-control-allow-origin"] == nil)
      let files =
        ["/page/style.css"]
        + [
          "answers", "api", "app", "drawing", "editor", "gallery", "map", "picker", "png",
          "stages", "view",
        ].map { "/page/\($0).js" }
      for file in ["/"] + files {
        let reply = try await client.send(file)
        #expect(reply.status == 200, "\(file)")
        #expect(!reply.text.contains("https://") && !reply.text.contains("http://"), "\(file)")
        #expect(!reply.text.contains("innerHTML"), "\(file)")
      }
      for match in page.text.matches(of: #/(?:src|href)="(/[^"]+)"/#) {
        #expect(files.contains(String(match.1)), "\(match.1)")
      }
    }
  }

  @Test func whatIsServedIsDescribed() async throws {
    let server = ServerClient.server()
    try await ServerClient.with(server) { client in
      let paths = try #require(
        try await client.send("/openapi.json").object["paths"] as? [String: [String: Any]])
      let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
      let served = Set(server.routes.filter { !$0.contains("/page/") && $0 != "GET /" })
      #expect(described == served)
    }
  }

  @Test func pathsSayWhichMethodsTheyTake() async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      for (method, path, allowed) in [
        ("GET", "/v1/chat/completions", "POST"), ("DELETE", "/healthz", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("PUT", "/v1/models/pocket", "GET, HEAD"),
      ] {
        let reply = try await client.send(path, method)
        #expect(reply.status == 405, "\(method) \(path)")
        #expect(reply.headers["allow"] == allowed, "\(method) \(path)")
        #expect(reply.message.hasPrefix("\(method) is not taken here"), "\(reply.text)")
      }
      let head = try await client.send("/", "HEAD")
      #expect(head.status == 200 && head.data.isEmpty)
    }
  }

  /// Who asks before sending a body is told to send it.
  @Test func bodiesThatAreAnnouncedAreWanted() async throws {
    try await ServerClient.with(ServerClient.server()) { client in
      let reply = try await client.send(
        "/v1/chat/completions", "POST",
        headers: ["Content-Type": "application/json", "Expect": "100-continue"],
        body: Data("{}".utf8))
      #expect(reply.status == 400)
    }
  }

  @Test func bodiesAreLimited() async throws {
    var limits = ServeLimits()
    limits.bodyBytes = 1 << 20
    try await ServerClient.with(ServerClient.server(limits: limits)) { client in
      let large = Data(repeating: 32, count: 2 << 20)
      let reply = try await client.send(
        "/v1/chat/completions", "POST", headers: ["Content-Type": "application/json"], body: large)
      #expect(reply.status == 413)
      #expect(reply.message == "the request is larger than 1 MB, the most that is read")
    }
  }
}
