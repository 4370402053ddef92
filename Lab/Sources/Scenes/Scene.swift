public import CrayonCore

/// A rendered picture together with everything that is true of it.
public struct Scene: Sendable {
  /// As a camera would have stored it: blurred, noisy, exposed and compressed.
  public let picture: RGBImage
  /// Of the picture's size, in categories of `CategoryTable.coco`. Every thing is a segment
  /// of its own; all pixels of one kind of stuff are one segment. Things come first, from left to right.
  ///
  /// A pixel belongs to the surface that covers most of it, and to the nearer one where two cover as
  /// much. Glass owns what is seen through it. A segment of which almost nothing is seen is left out, and
  /// its pixels are void.
  public let map: PanopticMap
  /// What is known of each segment of the map, by its id: the same ids as the map's.
  public let attributes: [Int32: SegmentAttributes]

  /// Memberwise.
  public init(picture: RGBImage, map: PanopticMap, attributes: [Int32: SegmentAttributes]) {
    self.picture = picture
    self.map = map
    self.attributes = attributes
  }
}

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

  /// Memberwise.
  public init(colour: String? = nil, distance: Double? = nil, visibleFraction: Double = 1) {
    self.colour = colour
    self.distance = distance
    self.visibleFraction = visibleFraction
  }
}

/// Makes pictures of random scenes whose panoptic truth is known exactly.
///
/// A value, safe to use from any number of threads. A seed gives the same scene on every machine.
public struct SceneGenerator: Sendable {
  /// Of its scenes, in pixels.
  public let width: Int
  /// Of its scenes, in pixels.
  public let height: Int

  /// - Parameters:
  ///   - width: of the pictures, in pixels, 32 to 4096
  ///   - height: likewise
  /// - Throws: ``SceneError`` where the size is out of range.
  public init(width: Int = 256, height: Int = 256) throws {
    guard (32...4096).contains(width), (32...4096).contains(height) else {
      throw SceneError.unsupportedSize(width: width, height: height)
    }
    self.width = width
    self.height = height
  }

  /// The scene of a seed.
  public func scene(seed: UInt64) throws -> Scene {
    let world = SceneSampler.world(seed: seed, aspect: Float(width) / Float(height))
    return try scene(of: world)
  }

  /// What the camera makes of a world, and the truth of it.
  func scene(of world: World) throws -> Scene {
    let geometry = SceneGeometry(world.items)
    let seen = SceneRenderer(world, geometry, width: width, height: height)
    let truth = try SceneTruth(seen, geometry, world, width: width, height: height)
    let picture = world.photograph.develop(seen.light, width: width, height: height)
    return Scene(picture: picture, map: truth.map, attributes: truth.attributes)
  }
}

/// Why there is no scene.
public enum SceneError: Error, Equatable, CustomStringConvertible {
  case unsupportedSize(width: Int, height: Int)
  /// The catalogue names something that COCO does not.
  case unknownCategory(String)

  public var description: String {
    switch self {
    case .unsupportedSize(let width, let height):
      "scenes are 32 to 4096 pixels wide and high, not \(width)×\(height)"
    case .unknownCategory(let name): "\"\(name)\" is not among COCO's categories"
    }
  }
}
