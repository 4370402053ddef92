/// Which rows of a sequence an adapter changes, and what it looks at.
public struct AdapterScope: Sendable, Hashable {
  public enum Tokens: Sendable, Hashable {
    case all
    /// Only the rows of the picture (CoLLaVO's `Plora_A`, `Plora_B`).
    case image
  }

  public enum Input: Sendable, Hashable {
    /// What goes into the layer itself.
    case hidden
    /// The crayon features of the picture's rows, the same at every layer (CoLLaVO's `Plora_seg`).
    case crayon
  }

  public var tokens: Tokens
  public var input: Input

  public init(tokens: Tokens = .all, input: Input = .hidden) {
    self.tokens = tokens
    self.input = input
  }
}
