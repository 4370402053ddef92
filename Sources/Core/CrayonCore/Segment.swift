/// One segment of a panoptic map: an object, or a region of stuff. It may have several components.
public struct Segment: Sendable, Hashable {
  /// The value its pixels carry; positive, unique within the map.
  public let id: Int32
  public let category: Category
  /// The segmenter's confidence in 0…1; nil where a person or a file gave the map.
  public let score: Float?
  /// COCO's `iscrowd`: a group of objects that was outlined as one.
  public let isCrowd: Bool
  /// The number of its pixels, counted.
  public let area: Int
  /// The smallest box around its pixels.
  public let box: PixelBox

  package init(
    id: Int32, category: Category, score: Float?, isCrowd: Bool, area: Int, box: PixelBox
  ) {
    self.id = id
    self.category = category
    self.score = score
    self.isCrowd = isCrowd
    self.area = area
    self.box = box
  }
}
