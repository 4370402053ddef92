/// What is known of a segment besides the map, where the picture was made and not found.
public struct SegmentAttributes: Sendable, Hashable, Codable {
  /// The colour's name ("red"); nil where it has no single one.
  public var colour: String?
  /// From the camera, in the scene's unit; nil where it is not known.
  public var distance: Double?
  /// How much of what the segment would show without occlusion is seen, 0 to 1.
  public var visibleFraction: Double

  public init(colour: String? = nil, distance: Double? = nil, visibleFraction: Double = 1) {
    self.colour = colour
    self.distance = distance
    self.visibleFraction = visibleFraction
  }
}
