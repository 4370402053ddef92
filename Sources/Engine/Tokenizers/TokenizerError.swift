public import Checkpoints

/// Why a tokenizer cannot be made from a file, or a conversation cannot be written for a model. The sentences
/// are in `TokenizerError+Description`.
public enum TokenizerError: Error, Equatable, Sendable {
  /// The file cannot be read, or is no JSON.
  case file(CheckpointError)
  case notProtobuf(path: String, offset: Int)
  case missing(path: String, field: String)
  case wrongKind(path: String, field: String, expected: String)
  case duplicateField(path: String, field: String)
  /// What is there is known or not, but no text is tokenized by it here.
  case unsupported(path: String, field: String, value: String)
  case count(path: String, what: String, expected: Int, got: Int)
  case emptyVocabulary(path: String)
  case tooManyTokens(path: String, count: Int, limit: Int)
  case notUTF8(path: String, token: Int)
  case tokenTooLong(path: String, token: Int, length: Int, limit: Int)
  case emptyToken(path: String, token: Int)
  case duplicateToken(path: String, token: String, first: Int, second: Int)
  case duplicateID(path: String, id: Int)
  /// Two files contradict each other; nil where the second has no such token.
  case anotherID(path: String, token: String, id: Int, other: Int?, by: String)
  case idOutsideVocabulary(path: String, id: Int, count: Int)
  case unknownToken(path: String, field: String, token: String)
  case malformedMerge(path: String, rank: Int)
  case unknownInMerge(path: String, rank: Int, token: String)
  case specialFromMerge(path: String, rank: Int, token: String)
  case notFinite(path: String, token: Int)
  case missingByte(path: String, byte: Int)

  /// A chat template needs a special token that the vocabulary has not, or only as text.
  case missingSpecial(token: String)
  case emptyConversation
  case outOfTurn(message: Int, role: String)
}
