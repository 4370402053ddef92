/// A box in pixels of the original picture, x to the right, y down, its edges anywhere between pixels: the
/// pixel in column 3 reaches from 3 to 4. ``PixelBox`` is the same on whole pixels.
public struct PictureBox: Sendable, Hashable, Codable {
  public var x0: Double
  public var y0: Double
  public var x1: Double
  public var y1: Double

  public init(x0: Double, y0: Double, x1: Double, y1: Double) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }

  public init(_ box: PixelBox) {
    self.init(x0: Double(box.x0), y0: Double(box.y0), x1: Double(box.x1), y1: Double(box.y1))
  }

  /// From a COCO file's `[x, y, width, height]`; nil for anything else than four numbers.
  public init?(cocoXYWH box: [Int]) {
    guard box.count == 4 else { return nil }
    let values = box.map(Double.init)
    self.init(x0: values[0], y0: values[1], x1: values[0] + values[2], y1: values[1] + values[3])
  }

  /// `[x0, y0, x1, y1]`.
  public var edges: [Double] { [x0, y0, x1, y1] }

  public var width: Double { x1 - x0 }
  public var height: Double { y1 - y0 }

  /// Whether all edges are numbers and the box has an area.
  public var hasArea: Bool {
    edges.allSatisfy(\.isFinite) && width > 0 && height > 0
  }

  /// How near another box is, from -1, far away, to 1, the same: the generalised intersection over union
  /// (arXiv 1902.09630).
  /// - Precondition: both have an area.
  public func closeness(to other: PictureBox) -> Double {
    let shared = intersection(other).map { $0.width * $0.height } ?? 0
    let union = width * height + other.width * other.height - shared
    let hull = (max(x1, other.x1) - min(x0, other.x0)) * (max(y1, other.y1) - min(y0, other.y0))
    return shared / union - (hull - union) / hull
  }

  /// What this box and another share; nil where that has no area or an edge is not a number.
  public func intersection(_ other: PictureBox) -> PictureBox? {
    guard hasArea, other.hasArea else { return nil }
    let shared = PictureBox(
      x0: max(x0, other.x0), y0: max(y0, other.y0), x1: min(x1, other.x1), y1: min(y1, other.y1))
    return shared.hasArea ? shared : nil
  }

  /// What both boxes share, of what they cover together; 0 where they share nothing or one is no box.
  public func intersectionOverUnion(_ other: PictureBox) -> Double {
    guard let shared = intersection(other) else { return 0 }
    let common = shared.width * shared.height
    return common / (width * height + other.width * other.height - common)
  }
}
