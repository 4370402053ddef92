public import Tensors

/// What the language stage needs of grounding: the place that a trigger means, as the model reads it (NExT-Chat, arXiv
/// 2311.04498).
public protocol TriggerLocator: Sendable {
  /// - Parameter states: the hidden states at the triggers of the answer so far, behind the last norm, [width] each; not
  ///   empty
  /// - Returns: the embedding of the location in the slot behind the last of them, [width]
  func location(ofLast states: [Tensor]) throws -> Tensor
}
