public import Tensors

/// What is fused into one sequence.
public struct FusionInput: Sendable {
  /// A question and what was answered.
  public struct Turn: Sendable, Equatable {
    public var question: String
    public var answer: String

    public init(question: String, answer: String) {
      self.question = question
      self.answer = answer
    }
  }

  /// An object of the listing.
  public struct Object: Sendable {
    /// As the listing has it.
    public var name: String
    /// What it looks like and where it is, [1, width].
    public var token: Tensor

    public init(name: String, token: Tensor) {
      self.name = name
      self.token = token
    }
  }

  /// Earlier turns that the model is to remember, the oldest first.
  public var history: [Turn] = []
  /// Where it writes `[1]`, `[2]`, …, and there are such regions, their embeddings stand in its place.
  public var question: String
  /// What the map says in words; empty for nothing.
  public var listing: String
  /// The listing's objects in its order; shown where the template has it so
  /// (``FusionTemplate/showsObjects``).
  public var objects: [Object] = []
  /// The image tokens in the language model's space, [N, width].
  public var image: Tensor
  /// The crayon features of the image tokens, [N, width]; nil where the model is not shown the map.
  public var crayon: Tensor?
  /// Embeddings of the regions of the question, [positions, width] each.
  public var regions: [Tensor] = []

  public init(
    question: String, listing: String, objects: [Object] = [], image: Tensor, crayon: Tensor?,
    history: [Turn] = [], regions: [Tensor] = []
  ) {
    self.question = question
    self.listing = listing
    self.objects = objects
    self.image = image
    self.crayon = crayon
    self.history = history
    self.regions = regions
  }
}
