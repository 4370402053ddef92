public import Checkpoints

/// Why a tokenizer cannot be made from a file, or a conversation cannot be written for a model. The sentences
/// are in `TokenizerError+Description`.
public enum TokenizerError: Error, Equatable, Sendable {
  /// The file cannot be read, or is no JSON.
  case file(CheckpointError)
  case notProtobuf(path: String, offset: Int)
  case missing(path: String, field: String)
  /// nil for what all of the file is.
  case wrongKind(path: String, field: String?, expected: String)
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

extension TokenizerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .notProtobuf(let path, let offset):
      "\(path) is damaged at byte \(offset), or is no SentencePiece model; fetch it again"
    case .missing(let path, let field):
      "\(path) has no \(field); it is not a tokenizer of this kind, or is damaged"
    case .wrongKind(let path, let field, let expected):
      field.map { "\(path) has a \($0.debugDescription) that is not \(expected)" }
        ?? "\(path) is not \(expected)"
    case .duplicateField(let path, let field):
      "\(path) has \(field.debugDescription) twice"
    case .unsupported(let path, let field, let value):
      "\(path) asks for \(field) \(value), which crayon does not do; it would give wrong tokens"
    case .count(let path, let what, let expected, let got):
      "\(path) has \(got) \(what) where \(expected) \(expected == 1 ? "is" : "are") needed"
    case .emptyVocabulary(let path):
      "\(path) has no tokens"
    case .tooManyTokens(let path, let count, let limit):
      "\(path) has \(count) tokens, more than the \(limit) that crayon reads"
    case .notUTF8(let path, let token):
      "\(path) has a token, number \(token), that is not UTF-8 text"
    case .tokenTooLong(let path, let token, let length, let limit):
      "\(path) has a token, number \(token), of \(length) bytes, more than the \(limit) that crayon reads"
    case .emptyToken(let path, let token):
      "\(path) has an empty token, number \(token)"
    case .duplicateToken(let path, let token, let first, let second):
      "\(path) has the token \(token.debugDescription) twice, as number \(first) and \(second)"
    case .duplicateID(let path, let id):
      "\(path) gives the number \(id) to two tokens"
    case .anotherID(let path, let token, let id, let other, let by):
      "\(path) gives the token \(token.debugDescription) the number \(id), but "
        + (other.map { "in \(by) it has \($0)" } ?? "\(by) has another token there")
        + "; one of the files is another model's"
    case .idOutsideVocabulary(let path, let id, let count):
      "\(path) has the token number \(id), but \(count) tokens, numbered from 0 without a gap"
    case .malformedMerge(let path, let rank):
      "\(path) has a merge, number \(rank), that is not of two tokens"
    case .unknownInMerge(let path, let rank, let token):
      "\(path) has a merge, number \(rank), with \(token.debugDescription), which is no token of it"
    case .specialFromMerge(let path, let rank, let token):
      """
      \(path) has a merge, number \(rank), that makes the special token \(token.debugDescription) out of \
      plain text; it is damaged or not to be trusted
      """
    case .notFinite(let path, let token):
      "\(path) has a score, of token \(token), that is not a finite number"
    case .missingByte(let path, let byte):
      "\(path) falls back to bytes, but has no token for the byte \(byte)"

    case .missingSpecial(let token):
      """
      the vocabulary has no special token \(token.debugDescription), which the chat template needs; \
      choose the template that belongs to the model
      """
    case .emptyConversation:
      "the conversation has no message; give at least one of the user's"
    case .outOfTurn(let message, let role):
      "message \(message) of the conversation is the \(role)'s out of turn"
    }
  }
}
