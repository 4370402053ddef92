/// A token that is cut out of a text before the text is tokenized.
public struct AddedToken: Sendable, Equatable {
  /// What stands for it in a text.
  public var content: String
  /// Its number.
  public var id: Int
  /// Whether it steers the model and is no text.
  public var isSpecial: Bool
  /// Whether white space in front of it in a text goes with it.
  public var stripsLeft: Bool
  /// Whether white space behind it in a text goes with it.
  public var stripsRight: Bool
  /// Whether it is looked for only after every token for which this is false.
  public var isNormalized: Bool

  /// As Hugging Face's `AddedToken`, without its `single_word`.
  public init(
    _ content: String, id: Int, isSpecial: Bool = true, stripsLeft: Bool = false, stripsRight: Bool = false,
    isNormalized: Bool = false
  ) {
    self.content = content
    self.id = id
    self.isSpecial = isSpecial
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isNormalized = isNormalized
  }
}
