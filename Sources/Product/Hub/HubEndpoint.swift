import AtomicFiles
public import Foundation

/// Where the hub is, and who asks.
public struct HubEndpoint: Sendable, Equatable {
  public let url: URL
  /// Sent to the endpoint itself and to nobody that it redirects to.
  public let token: String?

  /// - Parameter token: nil to ask without a name, as is enough for public models
  /// - Throws: ``HubError/badEndpoint(_:)`` where it is no address of `http` or `https`
  public init(_ address: String, token: String? = nil) throws {
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.host?.isEmpty == false
    else { throw HubError.badEndpoint(address) }
    self.url = url
    self.token = token
  }

  /// What the environment says, as for the hub's own tools: `HF_ENDPOINT`; the token in `HF_TOKEN`, or in the file
  /// `token` of `HF_HOME`, else of `~/.cache/huggingface`.
  /// - Throws: ``HubError/badEndpoint(_:)``
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home =
      value("HF_HOME").map { URL(fileURLWithPath: $0) }
      ?? HomeFolder.url.appendingPathComponent(".cache/huggingface")
    let stored = try? String(contentsOf: home.appendingPathComponent("token"), encoding: .utf8)
    let token = (value("HF_TOKEN") ?? stored)?.trimmingCharacters(in: .whitespacesAndNewlines)
    try self.init(value("HF_ENDPOINT") ?? Self.standard, token: token.flatMap { $0.isEmpty ? nil : $0 })
  }

  /// Where models are published, unless `HF_ENDPOINT` says otherwise.
  private static let standard = "https://huggingface.co"

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
