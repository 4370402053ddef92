/// The kinds of tokens, by the numbers that SentencePiece and GGUF give them.
enum TokenType: Int, Sendable {
  case normal = 1
  case unknown = 2
  case control = 3
  case userDefined = 4
  case unused = 5
  case byte = 6
}
