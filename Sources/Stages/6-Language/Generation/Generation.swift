public import Tensors

/// What a decoder has made.
public struct Generation: Sendable {
  public enum End: String, Sendable, Codable {
    /// A stop token or stop text.
    case stop
    /// As many tokens as were allowed.
    case limit
    case contextFull
  }

  public var tokens: [Int] = []
  public var end = End.limit
  /// For each token that was wanted: its position among `tokens`, and its hidden state [width].
  public var hiddenStates: [(position: Int, state: Tensor)] = []
}
