import Foundation
import HubTestSupport
import NIOCore
import NIOHTTP1
import Testing

@testable import Serve

/// Pictures of the web: fetched where the server was told to, never from a network that is not everybody's.
@Suite struct PictureSourceTests {
  /// Patient: beside other tests a thread is long in coming.
  private static func limits(seconds: Double = 600) -> ServeLimits {
    var limits = ServeLimits()
    (limits.bodyBytes, limits.bodySeconds) = (1 << 18, seconds)
    return limits
  }

  private static func bytes(
    of address: String, limits: ServeLimits = Self.limits(), held: Int = 1 << 20, reaching: Bool = true
  ) async throws -> Data {
    var source = PictureSource(limits: limits, fetches: true)
    // The tests' own server is on this machine.
    if reaching { source.mayReach = { $0.ipAddress == "127.0.0.1" } }
    return try await source.bytes(of: address, HeldBytes(limit: held).share())
  }

  /// The sentence of a refusal.
  private static func refusal(
    of address: String, limits: ServeLimits = Self.limits(), held: Int = 1 << 20, reaching: Bool = true
  ) async -> String {
    do {
      return "\(try await bytes(of: address, limits: limits, held: held, reaching: reaching).count) bytes"
    } catch {
      return "\(error)"
    }
  }

  private static func web() async throws -> HubServer {
    try await HubServer { request, _ in
      typealias Answer = HubServer.Answer
      let picture = [("content-type", "image/png")]
      switch request.path {
      case "/cat.png": return Answer(headers: picture, body: Data("a cat".utf8))
      case "/moved": return Answer(status: .found, headers: [("location", "/cat.png")])
      case "/round": return Answer(status: .found, headers: [("location", "/round")])
      case "/inwards": return Answer(status: .found, headers: [("location", "http://10.0.0.1/cat.png")])
      case "/file": return Answer(status: .found, headers: [("location", "file:///etc/passwd")])
      case "/page":
        return Answer(headers: [("content-type", "text/html; charset=utf-8")], body: Data("<p>".utf8))
      case "/large": return Answer(headers: picture, body: Data(count: 300_000))
      case "/silent":
        var answer = Answer(headers: picture, body: Data(count: 100))
        (answer.cutsAfter, answer.fallsSilent) = (10, true)
        return answer
      case "/cut":
        var answer = Answer(headers: picture, body: Data(count: 100))
        answer.cutsAfter = 10
        return answer
      default: return Answer(status: .notFound)
      }
    }
  }

  @Test func whatIsAPictureIsFetched() async throws {
    let web = try await Self.web()
    for path in ["cat.png", "moved"] {
      #expect(try await Self.bytes(of: "\(web.address)/\(path)") == Data("a cat".utf8), "\(path)")
    }
    #expect(try await Self.bytes(of: "data:image/png;base64,AAAA") == Data(count: 3))
  }

  @Test func whatIsNoneIsNot() async throws {
    let web = try await Self.web()
    for (path, sentence) in [
      ("nothing", "the answer is 404"), ("page", "it is no picture, but text/html; charset=utf-8"),
      ("round", "it is sent from one address to the next"), ("large", "it is larger than 0 MB"),
      ("silent", "it did not come in time"), ("cut", "the connection failed"),
      ("file", "its address is not http(s)://HOST/…"),
    ] {
      let refusal = await Self.refusal(
        of: "\(web.address)/\(path)", limits: Self.limits(seconds: path == "silent" ? 1 : 600))
      #expect(refusal.hasSuffix("was not fetched: \(sentence)"), "\(path): \(refusal)")
    }
    let inwards = await Self.refusal(of: "\(web.address)/inwards")
    #expect(inwards == "the picture at 10.0.0.1 was not fetched: it is not at a public address")
    #expect(
      await Self.refusal(of: "\(web.address)/large", held: 1 << 16)
        == "too much is being received at this moment; try again in a few seconds")
  }

  /// However an address is written, it counts where it leads.
  @Test(arguments: [
    "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "0177.0.0.1", "127.1",
    "[::ffff:127.0.0.1]",
    "[::]", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "[fe80::1]",
    "[fd00::1]", "224.0.0.1", "255.255.255.255", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]",
  ])
  func neighboursAreNotAsked(host: String) async {
    let refusal = await Self.refusal(of: "http://\(host):8080/cat.png", reaching: false)
    // A spelling that no look-up takes leads nowhere, either.
    #expect(
      refusal.hasSuffix("it is not at a public address")
        || refusal.hasSuffix("there is no such host, or no network")
        || refusal.hasSuffix("its address is not http(s)://HOST/…")
        || refusal == "\(ServeError.notADataAddress)", "\(refusal)")
  }

  @Test(arguments: [
    ("8.8.8.8", true), ("172.15.0.1", true), ("172.32.0.1", true), ("11.0.0.1", true), ("100.128.0.1", true),
    ("2606:4700::1", true), ("2a00:1450::1", true), ("10.0.0.1", false), ("192.0.2.1", false),
    ("198.19.0.1", false),
    ("240.0.0.1", false), ("2001:db8::1", false), ("3fff::1", false), ("::ffff:8.8.8.8", false),
  ])
  func publicAddressesAreTold(number: String, isPublic: Bool) throws {
    #expect(try SocketAddress(ipAddress: number, port: 80).isPublic == isPublic)
  }

  @Test func nothingIsFetchedWhereNobodySaidSo() async throws {
    let source = PictureSource(limits: ServeLimits())
    await #expect(throws: ServeError.remotePicture(scheme: "http")) {
      try await source.bytes(of: "http://8.8.8.8/cat.png", HeldBytes(limit: 1).share())
    }
  }
}
