public import CrayonCore

/// The token by which a model says that it points, and what it then reads of the place (NExT-Chat, arXiv
/// 2311.04498): behind the trigger stands a slot, whose embedding is the location that is meant there, encoded again.
public struct LocationTrigger: Sendable {
  public let token: Int
  /// What stands for the slot in lists of tokens; never chosen by the model.
  public let slot: Int
  public let locator: any TriggerLocator

  public init(token: Int, slot: Int, locator: any TriggerLocator) {
    self.token = token
    self.slot = slot
    self.locator = locator
  }
}
