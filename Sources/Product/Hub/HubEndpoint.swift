import AtomicFiles
public import Foundation

/// Where the hub is, who asks, and through whom.
public struct HubEndpoint: Sendable, Equatable {
  /// Without a path behind the host.
  public let url: URL
  /// Sent to the endpoint itself and to nobody that it redirects to.
  public let token: HubToken?
  /// An address of `http` through which the hub, and what it redirects to, is reached; nil for none.
  public let proxy: URL?

  /// What the environment says, as for the hub's own tools: the address in `HF_ENDPOINT`, the token as in
  /// ``HubToken/init(environment:)``, the proxy in `HTTPS_PROXY` (`HTTP_PROXY` for an address of `http`) unless `NO_PROXY`
  /// has the host. An empty variable is none.
  /// - Throws: ``HubError/offline`` where `HF_HUB_OFFLINE` is set; ``HubError`` of a variable that cannot be used
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let environment = environment.filter { !$0.value.isEmpty }
    if let offline = environment["HF_HUB_OFFLINE"], ["1", "ON", "YES", "TRUE"].contains(offline.uppercased()) {
      throw HubError.offline
    }
    let address = environment["HF_ENDPOINT"] ?? "https://huggingface.co"
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.isReachable, url.query == nil, url.fragment == nil
    else { throw HubError.badEndpoint(address) }
    self.url = url
    token = try HubToken(environment: environment)
    proxy = try Self.proxy(for: url, environment)
  }

  /// This machine itself is reached without one.
  private static func proxy(for url: URL, _ environment: [String: String]) throws -> URL? {
    func variable(_ name: String) -> String? { [name.lowercased(), name].first { environment[$0] != nil } }
    let host = url.host?.lowercased() ?? ""
    let isExcepted = variable("NO_PROXY").flatMap { environment[$0] }?.lowercased().split(separator: ",")
      .contains {
        let name = $0.trimmingCharacters(in: .whitespaces).drop { $0 == "." }
        return name == "*" || host == name || host.hasSuffix("." + name)
      }
    guard isExcepted != true, host != "localhost", host != "::1", !host.hasPrefix("127."),
      let name = variable(url.scheme?.lowercased() == "http" ? "HTTP_PROXY" : "HTTPS_PROXY"),
      let value = environment[name]
    else { return nil }
    guard let proxy = URL(string: value.contains("://") ? value : "http://" + value), proxy.isReachable,
      proxy.scheme?.lowercased() == "http"
    else { throw HubError.badProxy(variable: name) }
    return proxy
  }

  /// What people call it.
  var host: String { url.host ?? url.absoluteString }

  /// An address below the endpoint.
  /// - Parameter parts: each stays one part, whatever characters it has
  func address(_ parts: [String], query: String? = nil) -> URL? {
    var path = url.absoluteString
    while path.hasSuffix("/") { path.removeLast() }
    for part in parts {
      guard let escaped = part.addingPercentEncoding(withAllowedCharacters: Self.unreserved) else { return nil }
      path += "/" + escaped
    }
    return URL(string: query.map { path + "?" + $0 } ?? path)
  }

  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

extension URL {
  /// Whether it has a host, and no port that there is none of: the client's library ends the program at one.
  var isReachable: Bool { host?.isEmpty == false && port.map { (1...65535).contains($0) } ?? true }
}

/// By what the hub knows who asks.
public struct HubToken: Sendable, Equatable {
  /// As it is sent.
  public let text: String
  /// A variable or a file that it was found in.
  public let source: String

  /// In `HF_TOKEN`; else in the file `HF_TOKEN_PATH`, which is `token` of `HF_HOME` where it is not set, which is
  /// `huggingface` of `XDG_CACHE_HOME`, which is `~/.cache`.
  /// - Returns: nil where there is none
  /// - Throws: ``HubError/badToken(source:)`` or ``HubError/unreadableToken(file:reason:)``
  init?(environment: [String: String]) throws {
    func path(_ name: String) -> URL? { environment[name].map { URL(fileURLWithPath: $0) } }
    let caches = path("XDG_CACHE_HOME") ?? HomeFolder.url.appendingPathComponent(".cache")
    let home = path("HF_HOME") ?? caches.appendingPathComponent("huggingface")
    let file = path("HF_TOKEN_PATH") ?? home.appendingPathComponent("token")
    let variable = environment["HF_TOKEN"]
    guard
      let text = try (variable ?? Self.stored(in: file))?.trimmingCharacters(in: .whitespacesAndNewlines),
      !text.isEmpty
    else { return nil }
    self.text = text
    source = variable == nil ? file.path : "HF_TOKEN"
    guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw HubError.badToken(source: source) }
  }

  private static func stored(in file: URL) throws -> String? {
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    } catch {
      throw HubError.unreadableToken(file: file.path, reason: SystemReason.of(error))
    }
  }
}
