import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix

/// Where the bytes of a request's picture come from: out of a data: address, or, where the server was told to fetch pictures,
/// from a public address of the web.
struct PictureSource: Sendable {
  let limits: ServeLimits
  /// Whether http: and https: addresses are fetched; otherwise they are refused.
  var fetches = false
  /// Whether a connection may go to a machine. What stands in a network of its own trusts its neighbours, so that none of
  /// them is asked for a stranger.
  var mayReach: @Sendable (SocketAddress) -> Bool = { $0.isPublic }

  private static let mostRedirects = 3

  /// - Parameter share: what the request holds; what is fetched is added
  /// - Throws: ``ServeError``
  func bytes(of address: String, _ share: HeldBytes.Share) async throws -> Data {
    guard fetches, ["http:", "https:"].contains(where: address.prefix(6).lowercased().hasPrefix) else {
      return try DataAddress.bytes(of: address)
    }
    guard address.utf8.count <= 4096, var url = URL(string: address) else { throw ServeError.notADataAddress }
    let end = limits.bodyDeadline
    for _ in 0...Self.mostRedirects {
      switch try await fetch(url, until: end, share) {
      case .picture(let data): return data
      case .elsewhere(let next): url = next
      }
    }
    throw Self.refusal(url, "it is sent from one address to the next")
  }

  /// The one picture that all addresses are of.
  /// - Throws: ``ServeError``
  func picture(of addresses: [String], _ share: HeldBytes.Share) async throws -> Data {
    guard let first = addresses.first else { throw ServeError.noPicture }
    let picture = try await bytes(of: first, share)
    for address in addresses.dropFirst() where try await bytes(of: address, share) != picture {
      throw ServeError.severalPictures
    }
    return picture
  }

  private enum Fetched {
    case picture(Data)
    case elsewhere(URL)
  }

  /// One request, to the very machine that was found fit: a name that is looked up twice may change in between.
  private func fetch(_ url: URL, until end: NIODeadline, _ share: HeldBytes.Share) async throws -> Fetched {
    guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme), url.user == nil,
      let host = url.host, !host.isEmpty, url.port.map({ (1...65535).contains($0) }) ?? true
    else { throw Self.refusal(url, "its address is not http(s)://HOST/…") }
    guard let place = try? await Self.lookUp(host, port: url.port ?? (scheme == "https" ? 443 : 80)) else {
      throw Self.refusal(url, "there is no such host, or no network")
    }
    guard mayReach(place), let number = place.ipAddress else {
      throw Self.refusal(url, "it is not at a public address")
    }
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.dnsOverride = [host: number]
    configuration.decompression = .disabled
    // The deadline ends with the answer's head; who falls silent after it is given up by this, who drips by the clock.
    configuration.timeout = .init(connect: end - .now(), read: end - .now())
    let client = HTTPClient(configuration: configuration)
    do {
      let fetched = try await read(
        try await client.execute(HTTPClientRequest(url: url.absoluteString), deadline: end), of: url,
        until: end, share)
      try? await client.shutdown()
      return fetched
    } catch {
      try? await client.shutdown()
      switch error {
      case is ServeError, is CancellationError: throw error
      case let error as HTTPClientError
      where [.deadlineExceeded, .connectTimeout, .readTimeout].contains(error):
        throw Self.refusal(url, "it did not come in time")
      default: throw Self.refusal(url, "the connection failed")
      }
    }
  }

  private func read(
    _ response: HTTPClientResponse, of url: URL, until end: NIODeadline, _ share: HeldBytes.Share
  ) async throws -> Fetched {
    if [301, 302, 303, 307, 308].contains(response.status.code) {
      guard let location = response.headers.first(name: "location"),
        let next = URL(string: location, relativeTo: url)?.absoluteURL
      else { throw Self.refusal(url, "it is sent from there to nowhere") }
      return .elsewhere(next)
    }
    guard response.status == .ok else {
      throw Self.refusal(url, "the answer is \(response.status.code)")
    }
    let type = response.headers.first(name: "content-type")?.lowercased() ?? "image/"
    guard type.hasPrefix("image/") || type.hasPrefix("application/octet-stream") else {
      throw Self.refusal(url, "it is no picture, but \(type.prefix(64))")
    }
    return .picture(
      try await share.whole(
        response.body, limit: limits.bodyBytes, until: end,
        tooLarge: Self.refusal(url, "it is larger than \(limits.bodyBytes >> 20) MB"),
        tooSlow: Self.refusal(url, "it did not come in time")))
  }

  private static func lookUp(_ host: String, port: Int) async throws -> SocketAddress {
    try await NIOThreadPool.singleton.runIfActive {
      try SocketAddress.makeAddressResolvingHost(host, port: port)
    }
  }

  private static func refusal(_ url: URL, _ reason: String) -> ServeError {
    .notFetched(host: String((url.host ?? "").prefix(255)), reason: reason)
  }
}

extension SocketAddress {
  /// Whether it is one of the whole Internet's, by IANA's registries of special addresses (RFC 6890 and its successors): not
  /// of this machine, a private or a link's network, documentation, multicast, or a way through another protocol to those.
  var isPublic: Bool {
    switch self {
    case .v4(let address):
      let number = UInt32(bigEndian: address.address.sin_addr.s_addr)
      return !Self.specialV4.contains { number >> (32 - $0.bits) == $0.prefix >> (32 - $0.bits) }
    case .v6(let address):
      let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
      let (first, second) = (UInt32(bytes[0]) << 8 | UInt32(bytes[1]), UInt32(bytes[2]) << 8 | UInt32(bytes[3]))
      // 2000::/3 is all that is given out. In it 2001::/23 are protocols (Teredo among them), 2001:db8::/32 and 3fff::/20
      // documentation, and 2002::/16 holds a version-4 address.
      let isSpecial =
        first == 0x2001 && (second < 0x200 || second == 0xdb8) || first == 0x2002
        || first == 0x3fff && second < 0x1000
      return first >> 13 == 1 && !isSpecial
    default: return false
    }
  }

  private static let specialV4: [(prefix: UInt32, bits: UInt32)] = [
    (0x0000_0000, 8), (0x0a00_0000, 8), (0x6440_0000, 10), (0x7f00_0000, 8), (0xa9fe_0000, 16),
    (0xac10_0000, 12),
    (0xc000_0000, 24), (0xc000_0200, 24), (0xc058_6300, 24), (0xc0a8_0000, 16), (0xc612_0000, 15),
    (0xc633_6400, 24), (0xcb00_7100, 24), (0xe000_0000, 3),
  ]
}
