/// A class of the segmenter's vocabulary. Things are counted, stuff is not.
public struct Category: Sendable, Hashable, Codable {
  /// The number that COCO files carry as `category_id`; not an index into any table.
  public let id: Int
  public let name: String
  public let isThing: Bool

  public init(id: Int, name: String, isThing: Bool) {
    self.id = id
    self.name = name
    self.isThing = isThing
  }
}
