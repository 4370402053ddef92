import Foundation
import Hub
import TestSupport
import Testing

/// What the environment says of the hub, read as the hub's own tools read it.
@Suite struct HubEndpointTests {
  /// A folder with a token in every place where one can be.
  static func place() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (path, token) in [("cache/huggingface/token", "cached"), ("home/token", "home\n"), ("mine", "mine")] {
      let file = folder.file(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(token.utf8).write(to: file)
    }
    return folder
  }

  /// - Parameter variables: in which DIR stands for the folder
  static func endpoint(_ variables: [String: String], _ folder: borrowing TemporaryFolder) throws -> HubEndpoint
  {
    let path = folder.url.path
    let all = variables.merging(["XDG_CACHE_HOME": "DIR/cache"]) { first, _ in first }
    return try HubEndpoint(environment: all.mapValues { $0.replacing("DIR", with: path) })
  }

  @Test(arguments: [
    ([:], "cached", "DIR/cache/huggingface/token"),
    (["HF_HOME": "DIR/home"], "home", "DIR/home/token"),
    (["HF_HOME": "DIR/home", "HF_TOKEN_PATH": "DIR/mine"], "mine", "DIR/mine"),
    (["HF_HOME": "DIR/home", "HF_TOKEN": " given\n"], "given", "HF_TOKEN"),
    (["HF_HOME": "DIR/home", "HF_TOKEN": ""], "home", "DIR/home/token"),
    (["HF_TOKEN_PATH": "DIR/none"], nil, nil),
  ])
  func tokens(variables: [String: String], text: String?, source: String?) throws {
    let folder = try Self.place()
    let token = try Self.endpoint(variables, folder).token
    #expect(token?.text == text)
    #expect(token?.source == source?.replacing("DIR", with: folder.url.path))
  }

  @Test(arguments: [
    (["HTTPS_PROXY": "http://proxy:3128"], "http://proxy:3128"),
    (["https_proxy": "proxy:3128", "HTTPS_PROXY": "http://other"], "http://proxy:3128"),
    (["HTTP_PROXY": "http://proxy"], nil),
    (["HTTP_PROXY": "http://proxy", "HF_ENDPOINT": "http://mirror"], "http://proxy"),
    (["HTTPS_PROXY": "http://proxy", "NO_PROXY": "example.com, .HuggingFace.co"], nil),
    (["HTTPS_PROXY": "http://proxy", "NO_PROXY": "face.co,co.uk"], "http://proxy"),
    (["HTTPS_PROXY": "http://proxy", "no_proxy": "*"], nil),
    (["HTTP_PROXY": "http://proxy", "HF_ENDPOINT": "http://127.0.0.1:80"], nil),
    (["HTTPS_PROXY": ""], nil),
  ])
  func proxies(variables: [String: String], proxy: String?) throws {
    let proxied = try Self.endpoint(variables, Self.place()).proxy
    #expect(proxied?.absoluteString == proxy)
  }

  @Test(arguments: [
    (["HF_HUB_OFFLINE": "true"], "HF_HUB_OFFLINE is set, so the hub is not asked; unset it to fetch models"),
    (["HF_ENDPOINT": "mirror"], "HF_ENDPOINT is \"mirror\", which is no address; it looks like https://host"),
    (
      ["HF_TOKEN": "a b"],
      "the token for the hub (HF_TOKEN) has characters that no token has; a line's end, perhaps"
    ),
    (["HF_TOKEN_PATH": "DIR/home"], "the token for the hub cannot be read from DIR/home: Is a directory"),
    (
      ["HTTPS_PROXY": "socks5://proxy"],
      "HTTPS_PROXY is no address of a proxy that crayon can use; one looks like http://host:port"
    ),
  ])
  func refusals(variables: [String: String], sentence: String) async throws {
    let folder = try Self.place()
    let failure = await HubPullTests.failure { _ = try Self.endpoint(variables, folder) }
    #expect(failure == sentence.replacing("DIR", with: folder.url.path))
  }

  @Test func offlineThatIsSwitchedOff() throws {
    let endpoint = try Self.endpoint(["HF_HUB_OFFLINE": "0"], Self.place())
    #expect(endpoint.url.absoluteString == "https://huggingface.co")
  }

  @Test(arguments: ["huggingface", "ftp://host", "http://", "http://host:99999", "http://host?a"])
  func noAddresses(text: String) {
    #expect(throws: HubError.badEndpoint(text)) { try HubEndpoint(environment: ["HF_ENDPOINT": text]) }
  }
}
