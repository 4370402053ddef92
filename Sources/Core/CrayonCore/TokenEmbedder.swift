public import Tensors

/// What fusion needs of a language model: the embedding of each token. The language stage's decoder is one.
public protocol TokenEmbedder: Sendable {
  /// What an embedding measures.
  var width: Int { get }

  /// - Returns: [tokens, width]
  /// - Throws: the model's own error for a number that is no token
  func embeddings(of tokens: [Int]) throws -> Tensor
}
