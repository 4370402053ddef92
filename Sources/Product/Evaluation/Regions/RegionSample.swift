public import CrayonCore
public import Foundation

/// A question about a picture whose answer is compared with places in it, or with words about a place.
public struct RegionSample: Sendable {
  public var image: URL
  /// `[1]` stands for the first of ``inputBoxes``.
  public var question: String
  /// In pixels of the picture.
  public var inputBoxes: [PictureBox]
  /// What the answer should point at.
  public var boxes: [PictureBox]
  /// The same to the pixel; of the picture's size.
  public var mask: RunLengthMask?
  /// What the answer should say; any of these.
  public var references: [String]

  public init(
    image: URL, question: String, inputBoxes: [PictureBox] = [], boxes: [PictureBox] = [],
    mask: RunLengthMask? = nil, references: [String] = []
  ) {
    self.image = image
    self.question = question
    self.inputBoxes = inputBoxes
    self.boxes = boxes
    self.mask = mask
    self.references = references
  }
}
