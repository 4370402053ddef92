public import CrayonCore
public import Tensors

/// What a decoder has made.
public struct Generation: Sendable {
  public var tokens: [Int] = []
  public var end = Reply.End.limit
  /// For each token that was wanted: its position among `tokens`, and its hidden state [width].
  public var hiddenStates: [(position: Int, state: Tensor)] = []

  public init() {}

  /// Where among `tokens` the slots are, if triggers alone were wanted: behind each of them.
  var slots: Set<Int> { Set(hiddenStates.map { $0.position + 1 }) }
}
