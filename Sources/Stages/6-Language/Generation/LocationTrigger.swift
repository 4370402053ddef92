public import Tensors

/// The token by which a model says that it points, and what it then reads of the place (NExT-Chat, arXiv
/// 2311.04498): behind the trigger stands a slot, whose embedding is the location that the trigger's hidden
/// state means, encoded again.
public struct LocationTrigger: Sendable {
  public let token: Int
  /// What stands for the slot in lists of tokens; never chosen by the model.
  public let slot: Int
  /// From the trigger's hidden state [width] to the slot's embedding [width].
  public let location: @Sendable (Tensor) -> Tensor

  public init(token: Int, slot: Int, location: @escaping @Sendable (Tensor) -> Tensor) {
    self.token = token
    self.slot = slot
    self.location = location
  }
}
