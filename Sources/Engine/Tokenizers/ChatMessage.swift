/// One message of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// Who says it.
  public enum Role: String, Sendable {
    /// Instructions for the model.
    case system
    /// The one who asks.
    case user
    /// The model.
    case assistant
  }

  /// Who says it.
  public var role: Role
  /// What is said; never read as anything but text.
  public var content: String

  /// A message as it is.
  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}
