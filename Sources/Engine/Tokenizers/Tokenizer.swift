/// Text to the numbers that a language model works on, and back.
///
/// Nothing here adds a token that the text does not hold: where a model wants one at the start, the caller
/// puts ``beginOfText`` there, as ``ChatTemplate`` does.
public protocol Tokenizer: Sendable {
  /// Every token is a number below this.
  var vocabularySize: Int { get }

  /// The token that starts a text, where the vocabulary has one.
  var beginOfText: Int? { get }

  /// The token that a model gives when it has finished, where the vocabulary has one.
  var endOfText: Int? { get }

  /// How many spaces at the start of decoded text were put there by encoding and are to be taken away,
  /// whichever token they come from, as Hugging Face's decoders do.
  var leadingSpacesToDrop: Int { get }

  /// The tokens of `text`; none for an empty text.
  ///
  /// - Parameter allowingSpecial: whether `<|im_end|>` and its like, written out in `text`, become the tokens
  ///   of these names. Only for text from the program itself: with false, no text of a user's can give a
  ///   token for which ``isSpecial(_:)`` holds (but for the one that stands for unknown text, where the
  ///   vocabulary makes that special).
  func encode(_ text: String, allowingSpecial: Bool) -> [Int]

  /// The tokens of text with tokens in between. No text becomes a special token.
  func encode(_ parts: [PromptPart]) -> [Int]

  /// What `token` adds to the text, often only a part of a character; nothing for special tokens and for
  /// numbers that are no token.
  func bytes(of token: Int) -> [UInt8]

  /// The token that the vocabulary calls so, or nil. The name is compared scalar by scalar.
  func id(of token: String) -> Int?

  /// Whether `token` steers the model and is no text.
  func isSpecial(_ token: Int) -> Bool
}

extension Tokenizer {
  /// The text of `tokens`. What is not UTF-8 becomes U+FFFD.
  public func decode(_ tokens: some Sequence<Int>) -> String {
    var detokenizer = IncrementalDetokenizer(self)
    var text = ""
    for token in tokens { text += detokenizer.append(token) }
    return text + detokenizer.finish()
  }
}
