/// A box in pixels of the original picture, x to the right, y down, the right and bottom edges exclusive.
public struct PixelBox: Sendable, Hashable, Codable {
  public var x0: Int
  public var y0: Int
  public var x1: Int
  public var y1: Int

  public init(x0: Int, y0: Int, x1: Int, y1: Int) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }

  /// `[x0, y0, x1, y1]`.
  public var edges: [Int] { [x0, y0, x1, y1] }

  public var width: Int { x1 - x0 }
  public var height: Int { y1 - y0 }

  /// Its middle, in pixels from the picture's corner.
  public var centre: (x: Double, y: Double) { (Double(x0 + x1) / 2, Double(y0 + y1) / 2) }

  /// The box as COCO files keep it: `[x, y, width, height]`.
  public var cocoXYWH: [Int] { [x0, y0, width, height] }
}
