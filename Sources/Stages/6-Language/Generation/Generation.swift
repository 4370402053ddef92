public import CrayonCore
public import Tensors

/// What a decoder has made.
public struct Generation: Sendable {
  public var tokens: [Int] = []
  public var end = Reply.End.limit
  /// For each token that was wanted: its position among `tokens`, and its hidden state [width].
  public var hiddenStates: [(position: Int, state: Tensor)] = []

  public init() {}
}
