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

/// A value of a JSON tree with the way to it, so that whatever is wrong with it can be named.
struct JSONField {
  let value: JSONValue
  let path: String
  /// Such as `model.vocab`.
  let name: String

  var isNull: Bool { if case .null = value { true } else { false } }

  private func wrong(_ expected: String) -> TokenizerError {
    .wrongKind(path: path, field: name, expected: expected)
  }

  /// The value is known, but nothing here does what it asks for.
  func unsupported() -> TokenizerError {
    .unsupported(path: path, field: name, value: value.description)
  }

  private func child(_ key: String, _ value: JSONValue) -> JSONField {
    JSONField(value: value, path: path, name: name.isEmpty ? key : "\(name).\(key)")
  }

  func fields() throws -> [(key: String, value: JSONValue)] {
    guard case .object(let fields) = value else { throw wrong("an object") }
    return fields
  }

  func elements() throws -> [JSONField] {
    guard case .array(let elements) = value else { throw wrong("a list") }
    return elements.enumerated().map { JSONField(value: $1, path: path, name: "\(name)[\($0)]") }
  }

  func string() throws -> String {
    guard case .string(let text) = value else { throw wrong("text") }
    return text
  }

  func bool() throws -> Bool {
    guard case .bool(let value) = value else { throw wrong("true or false") }
    return value
  }

  /// A whole number that is not negative.
  func count() throws -> Int {
    guard case .number(let text) = value, let number = Int(text), number >= 0 else {
      throw wrong("a whole number from 0 on")
    }
    return number
  }

  /// The field `key`, or nil where it is not there or null.
  func optional(_ key: String) throws -> JSONField? {
    let found = try fields().filter { $0.key.utf8.elementsEqual(key.utf8) }
    guard found.count <= 1 else {
      throw TokenizerError.duplicateField(path: path, field: child(key, .null).name)
    }
    guard let field = found.first.map({ child(key, $0.value) }), !field.isNull else { return nil }
    return field
  }

  func required(_ key: String) throws -> JSONField {
    guard let field = try optional(key) else {
      throw TokenizerError.missing(path: path, field: child(key, .null).name)
    }
    return field
  }

  func bool(_ key: String, default standard: Bool) throws -> Bool {
    try optional(key)?.bool() ?? standard
  }

  /// - Throws: ``TokenizerError/unsupported(path:field:value:)`` naming a field that is not one of `known`.
  func allowOnly(_ known: Set<String>) throws {
    for field in try fields() where !known.contains(field.key) {
      throw child(field.key, field.value).unsupported()
    }
  }

  /// - Throws: ``TokenizerError/unsupported(path:field:value:)`` unless `key` is missing, null or empty text.
  func requireNothing(_ key: String) throws {
    guard let field = try optional(key) else { return }
    if case .string("") = field.value { return }
    throw field.unsupported()
  }
}

/// A tree of JSON, for files that say by their values how the rest is to be read.
enum JSONValue {
  case null
  case bool(Bool)
  /// As it is written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  /// Deeper nesting than this is refused, because reading goes down as deep.
  private static let deepest = 32

  /// - Throws: `CheckpointError` where `text` is no JSON.
  init(_ text: UnsafeRawBufferPointer, path: String) throws {
    var scanner = JSONScanner(text, path: path, start: 0)
    self = try Self.value(&scanner, depth: 0)
    try scanner.expectEnd()
  }

  private static func value(_ scanner: inout JSONScanner, depth: Int) throws -> JSONValue {
    guard depth < deepest else { throw scanner.failure(.lessNesting) }
    switch scanner.peek() {
    case UInt8(ascii: "{"):
      var fields: [(key: String, value: JSONValue)] = []
      try scanner.object { scanner, key in
        fields.append((key, try value(&scanner, depth: depth + 1)))
      }
      return .object(fields)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try scanner.array { elements.append(try value(&$0, depth: depth + 1)) }
      return .array(elements)
    case UInt8(ascii: "\""):
      return .string(try scanner.string())
    default:
      let word = try scanner.word()
      switch word {
      case "null": return .null
      case "true": return .bool(true)
      case "false": return .bool(false)
      default:
        guard let first = word.utf8.first, first == 0x2d || (0x30...0x39).contains(first), Double(word) != nil
        else { throw scanner.failure(.value) }
        return .number(word)
      }
    }
  }
}

extension JSONValue: CustomStringConvertible {
  /// Short, for messages.
  var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): text
    case .string(let text): text.count > 60 ? text.prefix(60).debugDescription + "…" : text.debugDescription
    case .array(let elements): "a list of \(elements.count)"
    case .object(let fields): "an object of \(fields.count) fields"
    }
  }
}
