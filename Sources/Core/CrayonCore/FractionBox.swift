/// A box in fractions of a picture's width and height, as models see boxes: x to the right, y down.
public struct FractionBox: Sendable, Hashable, Codable {
  public var x0: Float
  public var y0: Float
  public var x1: Float
  public var y1: Float

  public init(x0: Float, y0: Float, x1: Float, y1: Float) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }

  /// `[x0, y0, x1, y1]`
  public var boxXYXY: [Float] { [x0, y0, x1, y1] }
}
