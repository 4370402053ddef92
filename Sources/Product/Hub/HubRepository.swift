import Checkpoints

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
        let suffixes = WeightFormat.allCases.flatMap(\.suffixes).joined(separator: ", ")
        throw HubError.lacks(listing.repository, files: ["weights in its top folder (\(suffixes))"])
      }
      return (listing.files.filter { Self.describes($0.path) } + weights).sorted { $0.path < $1.path }
    case .named(let groups, let others):
      let chosen = groups.map { group in group.first { byPath[$0] != nil } }
      let missing = zip(groups, chosen).filter { $0.1 == nil }.map { $0.0.joined(separator: " or ") }
      guard missing.isEmpty else { throw HubError.lacks(listing.repository, files: missing) }
      let names = Set(chosen.compactMap { $0 } + others)
      return listing.files.filter { file in
        names.contains(file.path) || names.contains { Self.isPart(file.path, of: $0) }
      }
    }
  }

  /// Whether a file is one of `model-00001-of-00003.safetensors`, … for `model.safetensors.index.json`: the index of a
  /// checkpoint in parts stands for its parts.
  private static func isPart(_ path: String, of index: String) -> Bool {
    guard index.hasSuffix(Checkpoint.indexSuffix) else { return false }
    let whole = index.dropLast(Checkpoint.indexSuffix.count)
    guard let dot = whole.lastIndex(of: ".") else { return false }
    return path.hasPrefix(whole[..<dot] + "-") && path.hasSuffix(whole[dot...])
  }

  /// Whether weights or tokens are read from a file of this name, wherever it lies beside the others.
  static func isOfModel(_ name: String) -> Bool {
    WeightFormat(of: name) != nil || name.hasSuffix(Checkpoint.indexSuffix) || name.hasPrefix("tokenizer")
      || name == "added_tokens.json"
  }

  private static func describes(_ path: String) -> Bool {
    let kinds = [".json", ".model", ".txt", ".jinja", ".tiktoken"]
    return !path.contains("/") && kinds.contains(where: path.hasSuffix)
      && !path.hasSuffix(Checkpoint.indexSuffix)
  }

  /// Whole or in parts, the first that there is, as a checkpoint's folder is read; else all of one format.
  private static func weights(of files: [HubFile]) -> [HubFile] {
    let top = files.filter { !$0.path.contains("/") }
    for name in Checkpoint.fileNames where top.contains(where: { $0.path == name }) {
      return top.filter { $0.path == name || isPart($0.path, of: name) }
    }
    for format in WeightFormat.allCases {
      let names = format.suffixes + format.suffixes.map { $0 + Checkpoint.indexSuffix }
      let found = top.filter { file in names.contains(where: file.path.hasSuffix) }
      if !found.isEmpty { return found }
    }
    return []
  }
}
