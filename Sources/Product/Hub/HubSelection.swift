/// Which files of a repository are wanted.
public enum HubSelection: Sendable, Equatable {
  /// These, by path; of each group the first that is there. And others where they are there.
  case named([[String]], also: [String] = [])
  /// What a model needs to be run: the files of its top folder that describe it and its tokenizer, and its weights
  /// once, though they may be published in several formats.
  case model
  /// Everything.
  case all

  /// - Throws: ``HubError/lacks(_:files:)`` where one that is named is not there, or nothing is left
  public func files(of listing: HubListing) throws -> [HubFile] {
    let byPath = Dictionary(listing.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    switch self {
    case .all: return listing.files
    case .model:
      let chosen = listing.files.filter { Self.describes($0.path) } + Self.weights(of: listing.files)
      guard !chosen.isEmpty else { throw HubError.lacks(listing.repository, files: ["config.json"]) }
      return chosen.sorted { $0.path < $1.path }
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

  private static func describes(_ path: String) -> Bool {
    let kinds = [".json", ".model", ".txt", ".jinja", ".tiktoken"]
    return !path.contains("/") && kinds.contains(where: path.hasSuffix) && !path.hasSuffix(indexSuffix)
  }

  /// The first format of these that there is, with its index.
  private static func weights(of files: [HubFile]) -> [HubFile] {
    let top = files.filter { !$0.path.contains("/") }
    for (start, kind) in [
      ("model", ".safetensors"), ("", ".safetensors"), ("pytorch_model", ".bin"), ("", ".gguf"),
    ] {
      let found = top.filter { $0.path.hasPrefix(start) && $0.path.hasSuffix(kind) }
      guard !found.isEmpty else { continue }
      return found + top.filter { $0.path.hasPrefix(start) && $0.path.hasSuffix(kind + indexSuffix) }
    }
    return []
  }
}
