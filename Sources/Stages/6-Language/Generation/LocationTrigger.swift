public import Tensors

/// The token by which a model says that it points, and what it then reads of the place (NExT-Chat, arXiv
/// 2311.04498): behind the trigger stands a slot, whose embedding is the location that is meant there, encoded again.
public struct LocationTrigger: Sendable {
  public let token: Int
  /// What stands for the slot in lists of tokens; never chosen by the model.
  public let slot: Int
  /// The embedding [width] of the slot that ends what is made so far; the trigger's hidden state is the last of it.
  public let location: @Sendable (Generation) throws -> Tensor

  public init(token: Int, slot: Int, location: @escaping @Sendable (Generation) throws -> Tensor) {
    self.token = token
    self.slot = slot
    self.location = location
  }
}
