package import Checkpoints
public import Foundation

extension ByteLevelBPE {
  /// From a Hugging Face `tokenizer.json`: model type BPE, pre-tokenizer `ByteLevel`, or `Digits` and
  /// `ByteLevel` in a `Sequence`.
  ///
  /// A `TemplateProcessing` post-processor is passed over, because encoding here adds no tokens.
  /// - Parameters:
  ///   - url: of the `tokenizer.json`
  ///   - beginOfText: the token that starts a text; `tokenizer.json` does not say it
  ///   - endOfText: the token that ends one
  /// - Throws: ``TokenizerError`` when the file cannot be read, is damaged, or asks for anything else.
  public init(json url: URL, beginOfText: String? = nil, endOfText: String? = nil) throws {
    do {
      try self.init(json: try MappedFile(url), beginOfText: beginOfText, endOfText: endOfText)
    } catch let error as CheckpointError {
      throw TokenizerError.file(error)
    }
  }

  /// The same from a file that is open already.
  package init(json file: MappedFile, beginOfText: String? = nil, endOfText: String? = nil) throws {
    let path = file.path
    let tree: JSONValue
    do {
      tree = try file.readAll { try JSONValue($0, path: path) }
    } catch let error as CheckpointError {
      throw TokenizerError.file(error)
    }
    let root = JSONField(value: tree, path: path, name: "")
    try root.allowOnly([
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
      "decoder", "model",
    ])
    for key in ["truncation", "padding", "normalizer"] {
      if let field = try root.optional(key) { throw field.unsupported() }
    }
    let decoder = try root.required("decoder").required("type")
    guard try decoder.string() == "ByteLevel" else { throw decoder.unsupported() }
    if let processor = try root.optional("post_processor")?.required("type"),
      !["ByteLevel", "TemplateProcessing"].contains(try processor.string())
    {
      throw processor.unsupported()
    }

    let model = try root.required("model")
    var parts = try Self.vocabulary(of: model, added: Self.addedTokens(root))
    parts.preTokenizer = try Self.preTokenizer(root.required("pre_tokenizer"))
    func id(_ token: String?, _ field: String) throws -> Int? {
      guard let token else { return nil }
      guard let id = parts.names.firstIndex(where: { $0.utf8.elementsEqual(token.utf8) }) else {
        throw TokenizerError.unknownToken(path: path, field: field, token: token)
      }
      return id
    }
    parts.beginOfText = try id(beginOfText, "the begin of text")
    parts.endOfText = try id(endOfText, "the end of text")
    if let unknown = try model.optional("unk_token"),
      let id = try id(try unknown.string(), "the unknown token")
    {
      parts.unknown = Unknown(
        id: UInt32(truncatingIfNeeded: id), isFused: try model.bool("fuse_unk", default: false))
    }
    try self.init(parts)
  }

  private static func addedTokens(_ root: JSONField) throws -> [AddedToken] {
    guard let list = try root.optional("added_tokens") else { return [] }
    return try list.elements().map { field in
      try field.allowOnly(["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"])
      if let word = try field.optional("single_word"), try word.bool() { throw word.unsupported() }
      let isSpecial = try field.bool("special", default: false)
      return AddedToken(
        try field.required("content").string(), id: try field.required("id").count(),
        isSpecial: isSpecial, stripsLeft: try field.bool("lstrip", default: false),
        stripsRight: try field.bool("rstrip", default: false),
        isNormalized: try field.bool("normalized", default: !isSpecial))
    }
  }

  private static func preTokenizer(_ field: JSONField) throws -> PreTokenizer {
    let type = try field.required("type")
    var steps = [field]
    if try type.string() == "Sequence" {
      try field.allowOnly(["type", "pretokenizers"])
      steps = try field.required("pretokenizers").elements()
    }
    var result = PreTokenizer(splitsWords: false)
    var isComplete = false
    for (index, step) in steps.enumerated() {
      let type = try step.required("type")
      switch try type.string() {
      case "Digits" where index == 0:
        try step.allowOnly(["type", "individual_digits"])
        result.digits = try step.bool("individual_digits", default: false) ? .individual : .together
      case "ByteLevel" where index == steps.count - 1:
        try step.allowOnly(["type", "add_prefix_space", "trim_offsets", "use_regex"])
        result.addsPrefixSpace = try step.bool("add_prefix_space", default: true)
        result.splitsWords = try step.bool("use_regex", default: true)
        isComplete = true
      default: throw type.unsupported()
      }
    }
    guard isComplete else { throw TokenizerError.missing(path: field.path, field: "ByteLevel pre-tokenizer") }
    return result
  }

  /// Everything but the pre-tokenizer and the tokens with a role.
  private static func vocabulary(of model: JSONField, added: [AddedToken]) throws -> Parts {
    let path = model.path
    let type = try model.required("type")
    guard try type.string() == "BPE" else { throw type.unsupported() }
    try model.allowOnly([
      "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
      "byte_fallback", "ignore_merges", "vocab", "merges",
    ])
    try model.requireNothing("continuing_subword_prefix")
    try model.requireNothing("end_of_word_suffix")
    if let dropout = try model.optional("dropout") { throw dropout.unsupported() }
    if let fallback = try model.optional("byte_fallback"), try fallback.bool() {
      throw fallback.unsupported()
    }

    let vocabulary = try model.required("vocab").fields()
    var entries = try vocabulary.map { name, value in
      (name: name, id: try JSONField(value: value, path: path, name: "token number").count())
    }
    var table = TokenTable(capacity: entries.count)
    for (index, entry) in entries.enumerated() {
      if let first = table.append(entry.name.utf8) {
        throw TokenizerError.duplicateToken(
          path: path, token: entry.name, first: entries[first].id, second: entries[index].id)
      }
    }
    let ownCount = entries.count
    for token in added {
      if let known = table.find(token.content.utf8) {
        guard entries[known].id == token.id else {
          throw TokenizerError.duplicateToken(
            path: path, token: token.content, first: entries[known].id, second: token.id)
        }
      } else {
        table.append(token.content.utf8)
        entries.append((token.content, token.id))
      }
    }
    var names = [String?](repeating: nil, count: entries.count)
    var isVerbatim = [Bool](repeating: false, count: entries.count)
    for (index, entry) in entries.enumerated() {
      guard names.indices.contains(entry.id) else {
        throw TokenizerError.idOutsideVocabulary(path: path, id: entry.id, count: entries.count)
      }
      guard names[entry.id] == nil else { throw TokenizerError.duplicateID(path: path, id: entry.id) }
      names[entry.id] = entry.name
      isVerbatim[entry.id] = index >= ownCount
    }
    var isSpecial = [Bool](repeating: false, count: entries.count)
    for token in added where token.isSpecial { isSpecial[token.id] = true }
    return Parts(
      path: path, names: names.compactMap { $0 }, isSpecial: isSpecial, isVerbatim: isVerbatim,
      merges: try merges(model.required("merges")), added: added, preTokenizer: .gpt2,
      prefersWholeWords: try model.bool("ignore_merges", default: false))
  }

  private static func merges(_ field: JSONField) throws -> [(String, String)] {
    guard case .array(let elements) = field.value else { _ = try field.elements(); return [] }
    return try elements.enumerated().map { rank, element in
      switch element {
      case .string(let text): return try merge(text, path: field.path, rank: rank)
      case .array(let pair):
        guard pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1] else {
          throw TokenizerError.malformedMerge(path: field.path, rank: rank)
        }
        return (left, right)
      default: throw TokenizerError.malformedMerge(path: field.path, rank: rank)
      }
    }
  }
}
