extension RunLengthMask {
  /// What polygons cover together, each as COCO's own code fills one: edges are walked in steps of a fifth of a pixel,
  /// and a column's pixels count from where the boundary crosses it (pycocotools, `rleFrPoly`).
  /// - Parameter polygons: x and y in turn, in pixels; what has fewer than three corners covers nothing
  /// - Throws: ``RunLengthMaskError`` for a size or a corner that no picture has.
  public init(width: Int, height: Int, polygons: [[Double]]) throws {
    guard (1...1 << 15).contains(width), (1...1 << 15).contains(height) else {
      throw RunLengthMaskError.badSize(width: width, height: height)
    }
    var pixels = [Bool](repeating: false, count: width * height)
    for polygon in polygons where polygon.count >= 6 {
      guard polygon.allSatisfy({ abs($0) <= 65536 }) else { throw RunLengthMaskError.badPolygon }
      // Every crossing turns all that follows, column by column; the picture's end closes the last run.
      let crossings = PolygonBoundary(polygon).crossings(width: width, height: height) + [width * height]
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        for position in crossings[pair]..<crossings[pair + 1] {
          pixels[position % height * width + position / height] = true
        }
      }
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}

/// The points of a closed polygon's boundary on a grid of fifths of a pixel, one for every step along an edge's longer
/// axis.
private struct PolygonBoundary {
  private struct Point {
    var x: Int
    var y: Int
  }

  private var points: [Point] = []

  /// - Parameter corners: x and y in turn, three or more
  init(_ corners: [Double]) {
    var places: [Point] = []
    for index in stride(from: 0, to: corners.count - 1, by: 2) {
      places.append(Point(x: Int(5 * corners[index] + 0.5), y: Int(5 * corners[index + 1] + 0.5)))
    }
    places.append(places[0])
    for (from, to) in zip(places, places.dropFirst()) { walk(from, to) }
  }

  /// Walked the same way whichever end is first, so that neighbours agree on a shared edge.
  private mutating func walk(_ from: Point, _ to: Point) {
    let isFlat = abs(to.x - from.x) >= abs(to.y - from.y)
    let isTurned = isFlat ? from.x > to.x : from.y > to.y
    let (a, b) = isTurned ? (to, from) : (from, to)
    let count = isFlat ? b.x - a.x : b.y - a.y
    let rise = isFlat ? b.y - a.y : b.x - a.x
    let slope = count == 0 ? 0 : Double(rise) / Double(count)
    for step in 0...count {
      let t = isTurned ? count - step : step
      let across = Int(Double(isFlat ? a.y : a.x) + slope * Double(t) + 0.5)
      points.append(isFlat ? Point(x: a.x + t, y: across) : Point(x: across, y: a.y + t))
    }
  }

  /// Where the boundary crosses the columns of pixels, as positions counted column by column, in order.
  func crossings(width: Int, height: Int) -> [Int] {
    var crossings: [Int] = []
    for (before, point) in zip(points, points.dropFirst()) where point.x != before.x {
      let x = Self.pixels(point.x < before.x ? point.x : point.x - 1)
      guard x == x.rounded(.down), x >= 0, x <= Double(width - 1) else { continue }
      let y = min(max(Self.pixels(min(point.y, before.y)), 0), Double(height)).rounded(.up)
      crossings.append(Int(x) * height + Int(y))
    }
    return crossings.sorted()
  }

  /// A place among fifths in pixels.
  private static func pixels(_ fifths: Int) -> Double { (Double(fifths) + 0.5) / 5 - 0.5 }
}
