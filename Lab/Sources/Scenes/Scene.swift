public import CrayonCore

/// A rendered picture together with everything that is true of it.
public struct Scene: Sendable {
  /// As a camera would have stored it: blurred, noisy, exposed and compressed.
  public let picture: RGBImage
  /// Of the picture's size, in categories of ``CrayonCore/CategoryTable/coco``. Every thing is a segment
  /// of its own; all pixels of one kind of stuff are one segment. Things come first, from left to right.
  ///
  /// A pixel belongs to the surface that covers most of it, and to the nearer one where two cover as
  /// much. Glass owns what is seen through it. A segment of which almost nothing is seen is left out, and
  /// its pixels are void.
  public let map: PanopticMap
  /// What is known of each segment of the map, by its id: the same ids as the map's.
  public let attributes: [Int32: SegmentAttributes]

  public init(picture: RGBImage, map: PanopticMap, attributes: [Int32: SegmentAttributes]) {
    self.picture = picture
    self.map = map
    self.attributes = attributes
  }
}
