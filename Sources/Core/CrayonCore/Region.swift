/// A place in the picture that an answer points at.
public struct Region: Sendable, Hashable, Codable {
  /// What decided on a region's box and mask.
  public enum Source: String, Sendable, Hashable, Codable {
    /// The model's own decoders drew them.
    case heads
    /// A segment of the map has them, the only one that the answer's words leave: the model's box had no say.
    case words
    /// A segment of the map has them, of several that the answer's words leave the one nearest to the model's box.
    case box
  }

  /// In pixels of the original picture, cut at its edges.
  public var box: PictureBox
  /// Of the original picture's size.
  public var mask: RunLengthMask?
  /// The words of the answer that the region belongs to.
  public var phrase: String
  /// How well the mask fits, in 0…1 as the mask decoder judges it, or the segment's score; nil where there is none.
  public var score: Float?
  /// Which of the reply's triggers made it.
  public var trigger: Int
  /// The map's segment whose box these are, and whose mask where the decoders draw none; nil where both are the decoders'.
  public var segment: Int32?
  public var via: Source

  public init(
    box: PictureBox, mask: RunLengthMask? = nil, phrase: String, score: Float? = nil, trigger: Int,
    segment: Int32? = nil, via: Source = .heads
  ) {
    self.box = box
    self.mask = mask
    self.phrase = phrase
    self.score = score
    self.trigger = trigger
    self.segment = segment
    self.via = via
  }
}
