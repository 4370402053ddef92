/// A box in pixels of the original picture, x to the right, y down, its edges anywhere between pixels: the
/// pixel in column 3 reaches from 3 to 4. ``PixelBox`` is the same on whole pixels.
public struct PictureBox: Sendable, Hashable, Codable {
  /// The left edge.
  public var x0: Double
  /// The upper edge.
  public var y0: Double
  /// The right edge.
  public var x1: Double
  /// The lower edge.
  public var y1: Double

  /// Memberwise.
  public init(x0: Double, y0: Double, x1: Double, y1: Double) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }

  /// The same edges.
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

  /// From the left edge to the right.
  public var width: Double { x1 - x0 }
  /// From the upper edge to the lower.
  public var height: Double { y1 - y0 }

  /// Whether all edges are numbers and the box has an area.
  public var hasArea: Bool {
    edges.allSatisfy(\.isFinite) && width > 0 && height > 0
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

/// A box in pixels of the original picture, x to the right, y down, the right and bottom edges exclusive.
public struct PixelBox: Sendable, Hashable, Codable {
  /// The left edge.
  public var x0: Int
  /// The upper edge.
  public var y0: Int
  /// The right edge.
  public var x1: Int
  /// The lower edge.
  public var y1: Int

  /// Memberwise.
  public init(x0: Int, y0: Int, x1: Int, y1: Int) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }

  /// `[x0, y0, x1, y1]`.
  public var edges: [Int] { [x0, y0, x1, y1] }

  /// From the left edge to the right.
  public var width: Int { x1 - x0 }
  /// From the upper edge to the lower.
  public var height: Int { y1 - y0 }

  /// Its middle, in pixels from the picture's corner.
  public var centre: (x: Double, y: Double) { (Double(x0 + x1) / 2, Double(y0 + y1) / 2) }

  /// The box as COCO files keep it: `[x, y, width, height]`.
  public var cocoXYWH: [Int] { [x0, y0, width, height] }
}

/// A box in fractions of a model's frame: (0, 0) is its upper left corner and (1, 1) its lower right one.
/// What lies outside of 0…1 lies outside of the frame.
public struct FrameBox: Sendable, Hashable, Codable {
  /// The left edge.
  public var x0: Double
  /// The upper edge.
  public var y0: Double
  /// The right edge.
  public var x1: Double
  /// The lower edge.
  public var y1: Double

  /// Memberwise.
  public init(x0: Double, y0: Double, x1: Double, y1: Double) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }

  /// The whole frame.
  public static let whole = FrameBox(x0: 0, y0: 0, x1: 1, y1: 1)

  /// `[x0, y0, x1, y1]`.
  public var edges: [Double] { [x0, y0, x1, y1] }
}
