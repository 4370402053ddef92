/// What is true of a segment besides its category and its pixels, where the picture was made and not found.
public struct SegmentAttributes: Sendable, Hashable {
  /// The name that a person would give its colour: "red", "orange", "yellow", "green", "blue", "purple",
  /// "pink", "brown", "black", "white" or "grey"; nil for stuff, for glass, and for things of several
  /// colours.
  public var colour: String?
  /// From the camera to the segment's middle, in centimetres along the direction of view: the larger,
  /// the farther. Of stuff, the mean over its pixels; nil where it is not known, and of the sky, which has none.
  public var distance: Double?
  /// How much of what the frame would hold of it, were nothing in front of it, is seen: 0 to 1.
  public var visibleFraction: Double

  public init(colour: String? = nil, distance: Double? = nil, visibleFraction: Double = 1) {
    self.colour = colour
    self.distance = distance
    self.visibleFraction = visibleFraction
  }
}
