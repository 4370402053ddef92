public import CrayonCore
public import Tensors

/// What a decoder has made.
public struct Generation: Sendable {
  /// In order, without the one that stopped.
  public var tokens: [Int] = []
  /// Why it ended.
  public var end = Reply.End.limit
  /// For each token that was wanted: its position among `tokens`, and its hidden state [width].
  public var hiddenStates: [(position: Int, state: Tensor)] = []

  /// Nothing yet.
  public init() {}

  /// Where among `tokens` the slots are, if triggers alone were wanted: behind each of them.
  var slots: Set<Int> { Set(hiddenStates.map { $0.position + 1 }) }
}

/// The token by which a model says that it points, and what it then reads of the place (NExT-Chat, arXiv
/// 2311.04498): behind the trigger stands a slot, whose embedding is the location that is meant there, encoded again.
public struct LocationTrigger: Sendable {
  /// The trigger.
  public let token: Int
  /// What stands for the slot in lists of tokens; never chosen by the model.
  public let slot: Int
  /// Encodes the place that a trigger's hidden state means.
  public let locator: any TriggerLocator

  /// Memberwise.
  public init(token: Int, slot: Int, locator: any TriggerLocator) {
    self.token = token
    self.slot = slot
    self.locator = locator
  }
}
