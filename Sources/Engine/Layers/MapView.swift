import Tensors

/// A channels-last map somewhere in memory, or some of the channels of one.
package struct MapView {
  package var values: UnsafePointer<Float>
  package var height: Int
  package var width: Int
  /// How far apart two neighbouring positions are.
  package var stride: Int

  package init(_ values: UnsafePointer<Float>, height: Int, width: Int, stride: Int) {
    self.values = values
    self.height = height
    self.width = width
    self.stride = stride
  }

  /// Rows of a map that are done together: what a few layers make of them stays in a core's cache, and two cores
  /// have as much to do each.
  package static func grain(height: Int, width: Int) -> Int {
    Parallel.balancedGrain(height, target: max(1, min((height + 1) / 2, 384 / max(width, 1))))
  }
}

extension FeatureMap {
  /// Lends the values.
  package func view<Result>(_ body: (MapView) throws -> Result) rethrows -> Result {
    try values.read { try body(MapView($0, height: height, width: width, stride: channels)) }
  }
}
