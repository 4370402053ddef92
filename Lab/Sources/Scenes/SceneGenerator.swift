/// Makes pictures of random scenes whose panoptic truth is known exactly.
///
/// A value, safe to use from any number of threads. A seed gives the same scene on every machine.
public struct SceneGenerator: Sendable {
  public let width: Int
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
