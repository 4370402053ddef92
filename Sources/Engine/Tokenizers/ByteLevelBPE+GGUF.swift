extension ByteLevelBPE {
  /// From what a GGUF file says where its `tokenizer.ggml.model` is `gpt2`.
  ///
  /// Control tokens are special. User-defined ones are text, cut out of texts that may hold special tokens.
  /// - Throws: ``TokenizerError`` when the values do not fit each other, or `tokenizer.ggml.pre` is neither
  ///   `gpt-2` nor `smollm`.
  public init(gguf vocabulary: GGUFVocabulary) throws {
    let path = vocabulary.path
    let types = try vocabulary.checkedTypes()
    try vocabulary.checkSpecials()
    let preTokenizer: PreTokenizer
    switch vocabulary.preTokenizer {
    case "gpt-2": preTokenizer = .gpt2
    case "smollm": preTokenizer = .smolLM2
    case nil: throw TokenizerError.missing(path: path, field: "tokenizer.ggml.pre")
    case let other?:
      throw TokenizerError.unsupported(
        path: path, field: "tokenizer.ggml.pre", value: other.debugDescription)
    }
    let merges = try vocabulary.merges.enumerated().map { rank, merge in
      try Self.merge(merge, path: path, rank: rank)
    }
    let added = zip(vocabulary.tokens, types).enumerated().compactMap { id, token -> AddedToken? in
      switch token.1 {
      case .control, .unknown: AddedToken(token.0, id: id)
      case .userDefined: AddedToken(token.0, id: id, isSpecial: false)
      case .normal, .unused, .byte: nil
      }
    }
    try self.init(
      Parts(
        path: path, names: vocabulary.tokens,
        isSpecial: types.map { $0 == .control || $0 == .unknown },
        isVerbatim: types.map { $0 == .userDefined }, merges: merges, added: added,
        preTokenizer: preTokenizer, beginOfText: vocabulary.beginOfText, endOfText: vocabulary.endOfText))
  }

  /// The two tokens of a merge, which stand with one space between them.
  static func merge(_ text: String, path: String, rank: Int) throws -> (String, String) {
    let units = text.utf8
    guard let space = units.firstIndex(of: 0x20), space > units.startIndex,
      let right = String(units[units.index(after: space)...]), !right.isEmpty, !right.utf8.contains(0x20),
      let left = String(units[..<space])
    else { throw TokenizerError.malformedMerge(path: path, rank: rank) }
    return (left, right)
  }
}
