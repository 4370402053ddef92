import Checkpoints
public import Foundation

/// What lies beside a `tokenizer.model` on the hub, and decides how it is used: `tokenizer_config.json` and
/// `added_tokens.json` (transformers' `PreTrainedTokenizer.save_pretrained`).
public struct TokenizerNotes: Sendable {
  /// `legacy` of `tokenizer_config.json`, true where that does not say; nil where there is no such file.
  public let isLegacy: Bool?
  private let notes: [Note]

  /// The number that a file gives to a token.
  private struct Note {
    let token: String
    let id: Int
    /// The file's.
    let path: String
  }

  /// Larger files are none of this kind.
  private static let longest = 16 << 20

  /// - Parameter folder: where they lie; each may be missing
  /// - Throws: ``TokenizerError`` where one is damaged, asks for what is not done, or contradicts the other
  public init(folder: URL) throws {
    var notes: [Note] = []
    var names = TokenTable(capacity: 0)
    var ids: Set<Int> = []
    func note(_ token: String, _ id: Int, _ path: String) throws {
      if let known = names.find(token.utf8).map({ notes[$0] }) {
        guard known.id == id else {
          throw TokenizerError.anotherID(path: path, token: token, id: id, other: known.id, by: known.path)
        }
        return
      }
      guard ids.insert(id).inserted else { throw TokenizerError.duplicateID(path: path, id: id) }
      names.append(token.utf8)
      notes.append(Note(token: token, id: id, path: path))
    }
    if let added = try Self.object(folder.appendingPathComponent("added_tokens.json")) {
      for (token, value) in try added.fields() {
        try note(token, try JSONField(value: value, path: added.path, name: token).count(), added.path)
      }
    }
    let config = try Self.object(folder.appendingPathComponent("tokenizer_config.json"))
    if let config, let decoder = try config.optional("added_tokens_decoder") {
      for (key, value) in try decoder.fields() {
        let name = "added_tokens_decoder.\(key)"
        let field = JSONField(value: value, path: config.path, name: name)
        guard Self.isNumber(key.utf8), let id = Int(key) else {
          throw TokenizerError.wrongKind(
            path: config.path, field: name, expected: "the number of a token")
        }
        let token = try field.required("content").string()
        // Where a token is looked for in a text (`normalized`, `special`) is no matter: no text is searched for one.
        for key in ["lstrip", "rstrip", "single_word"] where try field.bool(key, default: false) {
          throw TokenizerError.unsupported(
            path: config.path, field: "\(name).\(key) (of \(token.debugDescription))", value: "true")
        }
        try note(token, id, config.path)
      }
    }
    isLegacy = try config?.bool("legacy", default: true)
    self.notes = notes.sorted { $0.id < $1.id }
  }

  /// Tokens behind a vocabulary's own, where the files say them, else in the order in which they are named.
  /// - Parameters:
  ///   - names: what the model needs
  ///   - vocabulary: which the files must agree with, and whose numbers end where the first of these begins
  /// - Throws: ``TokenizerError`` where the files give the vocabulary's tokens other numbers, or have numbers for some
  ///   tokens, but not for one that is needed
  public func added(_ names: [String], behind vocabulary: SentencePieceBPE) throws -> [AddedToken] {
    let found = try notes(behind: vocabulary)
    guard let first = found.first else {
      return names.enumerated().map { AddedToken($1, id: vocabulary.vocabularySize + $0) }
    }
    for name in names where !notes.contains(where: { $0.token.utf8.elementsEqual(name.utf8) }) {
      throw TokenizerError.missing(path: first.path, field: "number for the token \(name)")
    }
    return found.map { AddedToken($0.token, id: $0.id) }
  }

  /// Makes sure that the files give a vocabulary's own tokens the numbers that they have there.
  /// - Throws: ``TokenizerError/anotherID(path:token:id:other:by:)``
  public func check(_ vocabulary: SentencePieceBPE) throws { _ = try notes(behind: vocabulary) }

  /// The same.
  /// - Returns: the tokens behind the vocabulary's own, by number
  private func notes(behind vocabulary: SentencePieceBPE) throws -> [Note] {
    try notes.filter { note in
      let own = vocabulary.id(of: note.token)
      if own == note.id { return false }
      if own == nil, note.id >= vocabulary.vocabularySize { return true }
      // InternLM2's `<|im_start|>` and its like are spare pieces of its vocabulary under names of their own. The models
      // here are asked by the pieces' names.
      if own == nil, Self.isSpare(vocabulary.vocabulary.names[note.id]) { return false }
      throw TokenizerError.anotherID(
        path: note.path, token: note.token, id: note.id, other: own, by: "tokenizer.model")
    }
  }

  /// Whether a piece is one that InternLM2's authors kept free: `[UNUSED_TOKEN_145]`.
  private static func isSpare(_ name: ArraySlice<UInt8>) -> Bool {
    let start = "[UNUSED_TOKEN_".utf8
    return name.starts(with: start) && name.last == UInt8(ascii: "]")
      && isNumber(name.dropFirst(start.count).dropLast())
  }

  private static func isNumber(_ text: some Collection<UInt8>) -> Bool {
    !text.isEmpty && text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func object(_ url: URL) throws -> JSONField? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    do {
      let file = try MappedFile(url)
      guard file.size <= longest else {
        throw TokenizerError.unsupported(path: url.path, field: "a size of", value: "\(file.size) bytes")
      }
      return JSONField(value: try JSONValue(file), path: url.path, name: nil)
    } catch let error as CheckpointError {
      throw TokenizerError.file(error)
    }
  }
}
