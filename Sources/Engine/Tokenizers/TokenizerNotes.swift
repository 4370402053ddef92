import Checkpoints
public import Foundation

/// What lies beside a `tokenizer.model` on the hub, and decides how it is used: `tokenizer_config.json` and
/// `added_tokens.json` (transformers' `PreTrainedTokenizer.save_pretrained`).
public struct TokenizerNotes: Sendable {
  /// `legacy` of `tokenizer_config.json`, true where that does not say; nil where there is no such file.
  public let isLegacy: Bool?
  /// The numbers that the files give to tokens.
  public let ids: [String: Int]
  /// Which file gives a token its number.
  private let sources: [String: String]

  /// Larger files are none of this kind.
  private static let longest = 16 << 20

  /// - Parameter folder: where they lie; each may be missing
  /// - Throws: ``TokenizerError`` where one is damaged, or the two contradict each other
  public init(folder: URL) throws {
    var ids: [String: Int] = [:]
    var sources: [String: String] = [:]
    var names: [Int: String] = [:]
    func note(_ token: String, _ id: Int, _ path: String) throws {
      if let other = ids[token], other != id {
        throw TokenizerError.anotherID(
          path: path, token: token, id: id, other: other, by: sources[token] ?? path)
      }
      if let other = names[id], other != token { throw TokenizerError.duplicateID(path: path, id: id) }
      (ids[token], names[id]) = (id, token)
      sources[token] = sources[token] ?? path
    }
    if let added = try Self.object(folder.appendingPathComponent("added_tokens.json")) {
      for (token, value) in try added.fields() {
        try note(token, try JSONField(value: value, path: added.path, name: token).count(), added.path)
      }
    }
    let config = try Self.object(folder.appendingPathComponent("tokenizer_config.json"))
    if let config, let decoder = try config.optional("added_tokens_decoder") {
      for (key, value) in try decoder.fields() {
        let field = JSONField(value: value, path: config.path, name: "added_tokens_decoder.\(key)")
        guard let id = Int(key), id >= 0 else {
          throw TokenizerError.wrongKind(
            path: config.path, field: field.name, expected: "the number of a token")
        }
        try note(try field.required("content").string(), id, config.path)
      }
    }
    isLegacy = try config?.bool("legacy", default: true)
    self.ids = ids
    self.sources = sources
  }

  /// Tokens behind a vocabulary's own, where the files say them, else in the order in which they are named.
  /// - Parameters:
  ///   - names: what the model needs
  ///   - vocabulary: which the files must agree with, and whose numbers end where the first of these begins
  /// - Throws: ``TokenizerError`` where the files give the vocabulary's tokens other numbers, or have numbers for some
  ///   tokens, but not for one that is needed
  public func added(_ names: [String], behind vocabulary: some Tokenizer) throws -> [AddedToken] {
    let found = try behind(vocabulary)
    guard !found.isEmpty else {
      return names.enumerated().map { AddedToken($1, id: vocabulary.vocabularySize + $0) }
    }
    for name in names where ids[name] == nil {
      throw TokenizerError.missing(
        path: found.first.flatMap { sources[$0.content] } ?? "", field: "number for the token \(name)")
    }
    return found
  }

  /// Makes sure that the files give a vocabulary's own tokens the numbers that they have there.
  /// - Returns: those behind it, by number
  /// - Throws: ``TokenizerError/anotherID(path:token:id:other:by:)``
  @discardableResult
  public func behind(_ vocabulary: some Tokenizer) throws -> [AddedToken] {
    var behind: [AddedToken] = []
    for (token, id) in ids.sorted(by: { $0.value < $1.value }) {
      let own = vocabulary.id(of: token)
      if own == nil, id >= vocabulary.vocabularySize {
        behind.append(AddedToken(token, id: id))
      } else if own != id {
        throw TokenizerError.anotherID(
          path: sources[token] ?? "", token: token, id: id, other: own, by: "tokenizer.model")
      }
    }
    return behind
  }

  private static func object(_ url: URL) throws -> JSONField? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    do {
      let file = try MappedFile(url)
      guard file.size <= longest else {
        throw TokenizerError.unsupported(path: url.path, field: "a size of", value: "\(file.size) bytes")
      }
      return JSONField(value: try file.readAll { try JSONValue($0, path: url.path) }, path: url.path, name: "")
    } catch let error as CheckpointError {
      throw TokenizerError.file(error)
    }
  }
}
