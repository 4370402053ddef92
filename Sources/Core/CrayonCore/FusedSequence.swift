public import Tensors

/// What the language model reads: the embeddings of text, picture and regions in one row, and which is which.
public struct FusedSequence: Sendable {
  /// What a stretch of the sequence is.
  public enum Kind: Sendable, Hashable {
    /// The template's own words and markers.
    case template
    /// The image tokens.
    case image
    /// What the map says in words.
    case listing
    /// What an object of the listing looks like and where it is, by its place there from 1.
    case object(Int)
    case question
    /// A region of the picture in the question, by its number from 1.
    case region(Int)
  }

  /// A stretch of the sequence.
  public struct Span: Sendable, Hashable {
    public var kind: Kind
    public var range: Range<Int>
    /// What is said there; empty for what is not text.
    public var text: String

    public init(_ kind: Kind, _ range: Range<Int>, text: String = "") {
      self.kind = kind
      self.range = range
      self.text = text
    }
  }

  /// [positions, width]
  public let embeddings: Tensor
  /// The token at each position; nil where there is none: the picture's positions, the objects' and the regions'.
  public let tokens: [Int?]
  /// All of the sequence, in order.
  public let spans: [Span]
  /// The picture's crayon features, [image positions, width], for layers that take them in beside the
  /// embeddings; nil where there are none.
  public let crayonFeatures: Tensor?

  /// - Precondition: the parts agree in length, and the spans cover the sequence without overlap.
  public init(embeddings: Tensor, tokens: [Int?], spans: [Span], crayonFeatures: Tensor?) {
    precondition(embeddings.shape.count == 2 && embeddings.shape[0] == tokens.count)
    precondition(spans.reduce(0) { $1.range.lowerBound == $0 ? $1.range.upperBound : -1 } == tokens.count)
    self.embeddings = embeddings
    self.tokens = tokens
    self.spans = spans
    self.crayonFeatures = crayonFeatures
    precondition(crayonFeatures.map { $0.shape[0] == imageSpan.count } ?? true)
  }

  public var count: Int { tokens.count }

  /// Where the picture is; empty where there is none.
  public var imageSpan: Range<Int> { spans.first { $0.kind == .image }?.range ?? 0..<0 }
}
