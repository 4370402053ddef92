/// A box in fractions of a model's frame: (0, 0) is its upper left corner and (1, 1) its lower right one.
/// What lies outside of 0…1 lies outside of the frame.
public struct FrameBox: Sendable, Hashable, Codable {
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

  /// The whole frame.
  public static let whole = FrameBox(x0: 0, y0: 0, x1: 1, y1: 1)

  /// `[x0, y0, x1, y1]`.
  public var edges: [Double] { [x0, y0, x1, y1] }
}
