import Foundation

/// Stuff behind the things of a layout: which of a few regions every place belongs to.
enum LayoutGround {
  /// Region numbers from 0, or -1 for void.
  /// - Parameter most: of regions; not all need occur
  static func random(
    width: Int, height: Int, most: Int, using numbers: inout SplitMix64
  ) -> [Int] {
    guard most > 0 else { return [Int](repeating: -1, count: width * height) }
    let count = numbers.whole(1...most)
    var regions: [Int]
    switch numbers.whole(0...3) {
    case 0: regions = bands(width, height, count, using: &numbers)
    case 1: regions = cells(width, height, count, using: &numbers)
    default: regions = patches(width, height, count, using: &numbers)
    }
    if numbers.chance(0.2) {
      var ids = regions.map(Int32.init)
      for _ in 0..<numbers.whole(1...2) {
        patch(size: numbers.real(0.1...0.35), using: &numbers).paint(
          -1, into: &ids, width: width, height: height)
      }
      regions = ids.map(Int.init)
    }
    return regions
  }

  /// One above the other with wavy edges that may lean: sky, mountains, grass; wall and table.
  private static func bands(
    _ width: Int, _ height: Int, _ count: Int, using numbers: inout SplitMix64
  ) -> [Int] {
    struct Edge {
      var y: Double
      var lean: Double
      var wave: Double
      var length: Double
      var phase: Double
    }
    let edges = (0..<count - 1).map { _ in
      let isStraight = numbers.chance(0.5)
      return Edge(
        y: numbers.real(0.1...0.9), lean: numbers.real(-0.25...0.25),
        wave: isStraight ? 0 : numbers.real(0...0.05),
        length: numbers.real(4...16), phase: numbers.real(0...6.3))
    }
    return map(width, height) { x, y in
      edges.reduce(0) { below, edge in
        below + (y > edge.y + edge.lean * (x - 0.5) + edge.wave * sin(edge.length * x + edge.phase) ? 1 : 0)
      }
    }
  }

  /// Every place belongs to the nearest of a few points.
  private static func cells(
    _ width: Int, _ height: Int, _ count: Int, using numbers: inout SplitMix64
  ) -> [Int] {
    let points = (0..<count).map { _ in (x: numbers.real(0...1), y: numbers.real(0...1)) }
    return map(width, height) { x, y in
      var nearest = (index: 0, distance: Double.infinity)
      for (index, point) in points.enumerated() {
        let distance = (x - point.x) * (x - point.x) + (y - point.y) * (y - point.y)
        if distance < nearest.distance { nearest = (index, distance) }
      }
      return nearest.index
    }
  }

  /// One behind and the others on it: a rug on the floor, a window in the wall.
  private static func patches(
    _ width: Int, _ height: Int, _ count: Int, using numbers: inout SplitMix64
  ) -> [Int] {
    let first = numbers.chance(0.5) && count > 1 ? 2 : 1
    var ids = bands(width, height, first, using: &numbers).map(Int32.init)
    for region in first..<max(first, count) {
      patch(size: numbers.real(0.25...0.7), using: &numbers)
        .paint(Int32(region), into: &ids, width: width, height: height)
    }
    return ids.map(Int.init)
  }

  private static func patch(size: Double, using numbers: inout SplitMix64) -> LayoutShape {
    .random(x: numbers.real(0...1), y: numbers.real(0...1), size: size, using: &numbers)
  }

  private static func map(_ width: Int, _ height: Int, _ region: (Double, Double) -> Int) -> [Int] {
    var regions: [Int] = []
    regions.reserveCapacity(width * height)
    for row in 0..<height {
      let y = (Double(row) + 0.5) / Double(height)
      for column in 0..<width { regions.append(region((Double(column) + 0.5) / Double(width), y)) }
    }
    return regions
  }
}
