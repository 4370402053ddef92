/// A place in the picture that an answer points at.
public struct Region: Sendable, Hashable, Codable {
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
  /// The map's segment whose box and mask these are; nil where they are the decoders' own.
  public var segment: Int32?

  public init(
    box: PictureBox, mask: RunLengthMask? = nil, phrase: String, score: Float? = nil, trigger: Int,
    segment: Int32? = nil
  ) {
    self.box = box
    self.mask = mask
    self.phrase = phrase
    self.score = score
    self.trigger = trigger
    self.segment = segment
  }
}
