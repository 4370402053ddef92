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
  /// The picture's width and height as the dataset lists them; nil where it does not.
  public var size: [Int]?

  public init(
    image: URL, question: String, inputBoxes: [PictureBox] = [], boxes: [PictureBox] = [],
    mask: RunLengthMask? = nil, references: [String] = [], size: [Int]? = nil
  ) {
    self.image = image
    self.question = question
    self.inputBoxes = inputBoxes
    self.boxes = boxes
    self.mask = mask
    self.references = references
    self.size = size
  }

  /// Why the truth cannot be that of a picture of this size; nil where it can. What does not fit is the dataset's fault,
  /// and no answer's.
  public func fault(width: Int, height: Int) -> String? {
    TruthFit(width: width, height: height).fault(
      size: size, boxes: boxes + inputBoxes, mask: mask.map { [$0.width, $0.height] })
  }
}
