public import Layers
public import Tensors

/// What a mask is asked for by: any of these together. Coordinates are pixels of the model's square.
public struct SAMPrompt: Sendable {
  public struct Point: Sendable, Hashable {
    public var x: Float
    public var y: Float
    /// Whether it lies on what is wanted, or on what is not.
    public var isInside: Bool

    public init(x: Float, y: Float, isInside: Bool = true) {
      self.x = x
      self.y = y
      self.isInside = isInside
    }
  }

  public struct Box: Sendable, Hashable {
    public var x0: Float
    public var y0: Float
    public var x1: Float
    public var y1: Float

    public init(x0: Float, y0: Float, x1: Float, y1: Float) {
      self.x0 = x0
      self.y0 = y0
      self.x1 = x1
      self.y1 = y1
    }
  }

  public var points: [Point]
  public var box: Box?
  /// Tokens that somebody else has made, as NExT-Chat's of a hidden state; they come first. [count, width]
  public var embeddings: Tensor?
  /// Logits of an earlier mask, on a grid of four times the feature map's side.
  public var mask: FeatureMap?

  public init(
    points: [Point] = [], box: Box? = nil, embeddings: Tensor? = nil, mask: FeatureMap? = nil
  ) {
    self.points = points
    self.box = box
    self.embeddings = embeddings
    self.mask = mask
  }
}
