public import Foundation

/// Byte pair encoding over characters, as of SentencePiece models such as Llama's, Vicuna's and InternLM2's.
///
/// Gives what SentencePiece itself gives: spaces become U+2581, one may be put in front of the text,
/// user-defined pieces stay whole, and the two neighbours that make the piece of the highest score are joined
/// first. What is no piece falls back to bytes, or to the unknown token.
///
/// Added tokens are Hugging Face's: SentencePiece does not know them, no text gives them, and each stretch of
/// text between them is encoded by itself. With `isLegacy`, as `LlamaTokenizer(legacy=True)` does, every stretch
/// gets the space in front that the model asks for; without, only text at the very start gets it.
///
/// User-defined pieces are text, found in everybody's text. A vocabulary that holds tokens like
/// `<|im_start|>` under such pieces must be given them as added tokens; then no text gives them.
public struct SentencePieceBPE: Tokenizer {
  /// The token's id; nil where the model has none.
  public let beginOfText: Int?
  /// Whether text behind an added token starts like a new text.
  public let isLegacy: Bool

  let vocabulary: SentencePieceVocabulary
  private let addsDummyPrefix: Bool
  private let removesExtraSpaces: Bool

  /// From a `tokenizer.model` file.
  /// - Parameters:
  ///   - url: of the `tokenizer.model`
  ///   - added: tokens that are not in the file, or under another name; the numbers of new ones go on where
  ///     the file's end
  ///   - isLegacy: whether text behind an added token starts like a new text, with the space in front that the
  ///     model asks for
  /// - Throws: ``TokenizerError`` when the file cannot be read, is damaged, is not of the BPE kind, or has
  ///   text prepared in ways that are not known here.
  public init(model url: URL, added: [AddedToken] = [], isLegacy: Bool = true) throws {
    try self.init(try SentencePieceModel(url), added: added, isLegacy: isLegacy)
  }

  /// From a `tokenizer.model` file in which some pieces steer the model and are no text.
  /// - Parameters:
  ///   - url: of the `tokenizer.model`
  ///   - special: their names; those that the file lacks are passed over
  ///   - isLegacy: whether text behind an added token starts like a new text, with the space in front that the
  ///     model asks for
  /// - Throws: ``TokenizerError``, as the other.
  public init(model url: URL, special: [String], isLegacy: Bool) throws {
    let model = try SentencePieceModel(url)
    let added = special.compactMap { name in
      model.pieces.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }.map { AddedToken(name, id: $0) }
    }
    try self.init(model, added: added, isLegacy: isLegacy)
  }

  /// From what a GGUF file says where its `tokenizer.ggml.model` is `llama`.
  /// - Throws: ``TokenizerError`` when the values do not fit each other.
  public init(gguf vocabulary: GGUFVocabulary) throws {
    let types = try vocabulary.checkedTypes()
    try vocabulary.checkBeginOfText()
    guard vocabulary.scores.count == vocabulary.tokens.count else {
      throw TokenizerError.count(
        path: vocabulary.path, what: "token scores", expected: vocabulary.tokens.count,
        got: vocabulary.scores.count)
    }
    var model = SentencePieceModel(path: vocabulary.path)
    model.pieces = vocabulary.tokens.indices.map {
      .init(name: vocabulary.tokens[$0], score: vocabulary.scores[$0], type: types[$0])
    }
    model.fallsBackToBytes = types.contains(.byte)
    model.addsDummyPrefix = vocabulary.addsSpacePrefix
    model.removesExtraSpaces = vocabulary.removesExtraSpaces
    model.beginOfText = vocabulary.beginOfText
    try self.init(model, added: [], isLegacy: true)
  }

  private init(_ model: SentencePieceModel, added: [AddedToken], isLegacy: Bool) throws {
    vocabulary = try SentencePieceVocabulary(model, added: added)
    beginOfText = model.beginOfText
    self.isLegacy = isLegacy
    addsDummyPrefix = model.addsDummyPrefix
    removesExtraSpaces = model.removesExtraSpaces
  }

  /// Ids are below it.
  public var vocabularySize: Int { vocabulary.names.count }

  /// See ``Tokenizer``.
  public var leadingSpacesToDrop: Int { removesExtraSpaces ? .max : addsDummyPrefix ? 1 : 0 }

  /// See ``Tokenizer``.
  public func bytes(of token: Int) -> [UInt8] {
    (0..<vocabulary.contents.count).contains(token) ? Array(vocabulary.contents[token]) : []
  }

  /// See ``Tokenizer``.
  public func id(of token: String) -> Int? { vocabulary.names.find(token.utf8) }

  /// See ``Tokenizer``.
  public func isSpecial(_ token: Int) -> Bool {
    vocabulary.isSpecial.indices.contains(token) && vocabulary.isSpecial[token]
  }

  public func encode(_ parts: [PromptPart]) -> [Int] {
    var tokens: [Int] = []
    var merger = BytePairMerger()
    for (index, part) in parts.joined.enumerated() {
      switch part {
      case .token(let token): tokens.append(token)
      case .text(var text):
        let hasPrefix = addsDummyPrefix && (isLegacy || index == 0)
        let prepared = text.withUTF8 { normalized($0, hasPrefix: hasPrefix) }
        prepared.withUnsafeBufferPointer { vocabulary.encode($0, &merger, into: &tokens) }
      }
    }
    return tokens
  }

  /// The text with spaces removed, added and written as U+2581.
  private func normalized(_ text: UnsafeBufferPointer<UInt8>, hasPrefix: Bool) -> [UInt8] {
    let space = SentencePieceVocabulary.space
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 4 + 3)
    var position = 0
    if removesExtraSpaces {
      while position < text.count, text[position] == 0x20,
        vocabulary.userDefined.longestMatch(in: text, at: position) == nil
      {
        position += 1
      }
    }
    guard position < text.count else { return [] }
    if hasPrefix { result += space }
    var spaceIsLast = removesExtraSpaces
    while position < text.count {
      // User-defined pieces are one unit, in which spaces do not count as following others.
      let end =
        vocabulary.userDefined.longestMatch(in: text, at: position)?.end ?? text.scalar(at: position).end
      if spaceIsLast { while position < end, text[position] == 0x20 { position += 1 } }
      if position < end {
        for byte in text[position..<end] {
          if byte == 0x20 { result += space } else { result.append(byte) }
        }
        spaceIsLast = removesExtraSpaces && text[end - 1] == 0x20
      }
      position = end
    }
    if removesExtraSpaces {
      while result.suffix(space.count).elementsEqual(space) { result.removeLast(space.count) }
    }
    return result
  }
}
