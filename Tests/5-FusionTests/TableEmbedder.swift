import Checkpoints
import CrayonCore
import Foundation
import Tensors
import TestSupport
import Tokenizers

/// The rows of a table, in place of a language model.
struct TableEmbedder: TokenEmbedder {
  struct NoSuchToken: Error {}

  /// [tokens, width]
  let table: Tensor

  var width: Int { table.shape[1] }

  func embeddings(of tokens: [Int]) throws -> Tensor {
    let rows = try tokens.flatMap { token in
      guard (0..<table.shape[0]).contains(token) else { throw NoSuchToken() }
      return table.rows(token..<token + 1).values
    }
    return Tensor(rows, shape: [tokens.count, width])
  }
}

/// A small vocabulary with the markers of the pocket template, and random embeddings 8 wide.
enum Pocket {
  static let tokenizer = try? ByteLevelBPE(gguf: GGUFVocabulary(fixture: "digits"))

  static let embedder: TableEmbedder = {
    var numbers = SeededNumbers(seed: 2)
    return TableEmbedder(table: Tensor(numbers.floats(700 * 8), shape: [700, 8]))
  }()

  static func rows(_ count: Int, seed: UInt64, width: Int = 8) -> Tensor {
    var numbers = SeededNumbers(seed: seed)
    return Tensor(numbers.floats(count * width), shape: [count, width])
  }
}
