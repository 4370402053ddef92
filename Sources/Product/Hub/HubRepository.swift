import AtomicFiles
public import Foundation

/// A model's repository on the hub, as `owner/name`.
public struct HubRepository: Sendable, Hashable, Codable, CustomStringConvertible {
  /// "BK-Lee"
  public let owner: String
  /// "CoLLaVO-7B"
  public let name: String

  public var description: String { "\(owner)/\(name)" }

  /// - Throws: ``HubError/badRepository(_:)`` for what the hub would not take as a name
  public init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy(Self.isName) else { throw HubError.badRepository(text) }
    owner = parts[0]
    name = parts[1]
  }

  /// Letters, digits, and between them `-`, `_` and `.`; so a name never leads out of a folder.
  private static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard (1...96).contains(bytes.count), let first = bytes.first, let last = bytes.last, isPlain(first),
      isPlain(last)
    else { return false }
    return bytes.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
  }

  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A file of a repository.
public struct HubFile: Sendable, Hashable {
  /// Relative to the repository, its parts separated by `/`.
  public let path: String
  /// In bytes.
  public let size: Int
  /// By which its bytes are known.
  public let digest: ContentDigest

  /// Memberwise.
  public init(path: String, size: Int, digest: ContentDigest) {
    self.path = path
    self.size = size
    self.digest = digest
  }

  /// Whether the path stays within a folder.
  var isWithinFolder: Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.contains("\0") && !path.contains("\\")
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}

/// Where the hub is, and who asks.
public struct HubEndpoint: Sendable, Equatable {
  /// Without a path behind the host.
  public let url: URL
  /// Sent to the endpoint itself and to nobody that it redirects to.
  public let token: String?

  /// - Parameters:
  ///   - address: with its scheme and host, such as `https://huggingface.co`
  ///   - token: nil to ask without a name, as is enough for public models
  /// - Throws: ``HubError/badEndpoint(_:)`` where it is no address of `http` or `https`, or ``HubError/badToken``
  public init(_ address: String, token: String? = nil) throws {
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.isReachable, url.query == nil, url.fragment == nil
    else { throw HubError.badEndpoint(address) }
    guard token?.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) ?? true else { throw HubError.badToken }
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

extension URL {
  /// Whether it has a host, and no port that there is none of: the client's library ends the program at one.
  var isReachable: Bool { host?.isEmpty == false && port.map { (1...65535).contains($0) } ?? true }
}

/// Which files of a repository are wanted.
public enum HubSelection: Sendable, Equatable {
  /// These, by path; of each group the first that is there. And others where they are there.
  case named([[String]], also: [String] = [])
  /// What a model needs to be run: the files of its top folder that describe it and its tokenizer, and its weights
  /// once, though they may be published in several formats.
  case model
  /// Everything.
  case all

  /// - Throws: ``HubError/lacks(_:files:)`` where one that is named is not there, or a model has no weights
  public func files(of listing: HubListing) throws -> [HubFile] {
    let byPath = Dictionary(listing.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    switch self {
    case .all: return listing.files
    case .model:
      let weights = Self.weights(of: listing.files)
      guard !weights.isEmpty else {
        throw HubError.lacks(
          listing.repository, files: ["weights in its top folder (.safetensors, .bin or .gguf)"])
      }
      return (listing.files.filter { Self.describes($0.path) } + weights).sorted { $0.path < $1.path }
    case .named(let groups, let others):
      let chosen = groups.map { group in group.first { byPath[$0] != nil } }
      let missing = zip(groups, chosen).filter { $0.1 == nil }.map { $0.0.joined(separator: " or ") }
      guard missing.isEmpty else { throw HubError.lacks(listing.repository, files: missing) }
      let names = Set(chosen.compactMap { $0 } + others)
      // The index of a checkpoint in parts stands for its parts.
      let parts = names.filter { $0.hasSuffix(Self.indexSuffix) }.flatMap { index in
        listing.files.filter { Self.isPart($0.path, of: index) }.map(\.path)
      }
      return listing.files.filter { names.contains($0.path) || parts.contains($0.path) }
    }
  }

  private static let indexSuffix = ".index.json"

  /// Whether a file is one of `model-00001-of-00003.safetensors`, … for `model.safetensors.index.json`.
  private static func isPart(_ path: String, of index: String) -> Bool {
    let whole = index.dropLast(indexSuffix.count)
    guard let dot = whole.lastIndex(of: ".") else { return false }
    return path.hasPrefix(whole[..<dot] + "-") && path.hasSuffix(whole[dot...])
  }

  /// Whether weights or tokens are read from a file of this name, wherever it lies beside the others.
  static func isOfModel(_ name: String) -> Bool {
    let weights = [".safetensors", ".bin", ".pth", ".pt", ".gguf", indexSuffix]
    return weights.contains(where: name.hasSuffix) || name.hasPrefix("tokenizer") || name == "added_tokens.json"
  }

  private static func describes(_ path: String) -> Bool {
    let kinds = [".json", ".model", ".txt", ".jinja", ".tiktoken"]
    return !path.contains("/") && kinds.contains(where: path.hasSuffix) && !path.hasSuffix(indexSuffix)
  }

  /// Whole or in parts, the first that there is, as a checkpoint's folder is read; else all of one format.
  private static func weights(of files: [HubFile]) -> [HubFile] {
    let top = files.filter { !$0.path.contains("/") }
    for whole in ["model.safetensors", "pytorch_model.bin"] {
      if let file = top.first(where: { $0.path == whole }) { return [file] }
      guard let index = top.first(where: { $0.path == whole + indexSuffix }) else { continue }
      return top.filter { isPart($0.path, of: index.path) } + [index]
    }
    for kind in [".safetensors", ".bin", ".gguf"] {
      let found = top.filter { $0.path.hasSuffix(kind) }
      if !found.isEmpty { return found + top.filter { $0.path.hasSuffix(kind + indexSuffix) } }
    }
    return []
  }
}
