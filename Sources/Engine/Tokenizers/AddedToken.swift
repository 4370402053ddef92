/// A token that steers the model and is no text, under a name or a number that its vocabulary's file does not give it.
public struct AddedToken: Sendable, Equatable {
  /// Its name.
  public var content: String
  /// Its number.
  public var id: Int

  /// Memberwise.
  public init(_ content: String, id: Int) {
    self.content = content
    self.id = id
  }
}
