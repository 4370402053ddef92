import Foundation

/// Stuff behind the things of a layout: which of a few regions every place belongs to.
enum LayoutGround {
  /// Region numbers from 0, or -1 for void.
  /// - Parameter most: of regions; not all need occur
  static func random(
    width: Int, height: Int, most: Int, using numbers: inout QuestionNumbers
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
    _ width: Int, _ height: Int, _ count: Int, using numbers: inout QuestionNumbers
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
    _ width: Int, _ height: Int, _ count: Int, using numbers: inout QuestionNumbers
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
    _ width: Int, _ height: Int, _ count: Int, using numbers: inout QuestionNumbers
  ) -> [Int] {
    let first = numbers.chance(0.5) && count > 1 ? 2 : 1
    var ids = bands(width, height, first, using: &numbers).map(Int32.init)
    for region in first..<max(first, count) {
      patch(size: numbers.real(0.25...0.7), using: &numbers)
        .paint(Int32(region), into: &ids, width: width, height: height)
    }
    return ids.map(Int.init)
  }

  private static func patch(size: Double, using numbers: inout QuestionNumbers) -> LayoutShape {
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

/// An outline that is drawn into a map: ellipses and rectangles, turned and joined. In fractions of the map's
/// width and height.
struct LayoutShape {
  /// One piece of it.
  struct Part {
    var isRound: Bool
    var x: Double
    var y: Double
    /// Half of its extents before it is turned.
    var halfWidth: Double
    var halfHeight: Double
    var cosine: Double
    var sine: Double
  }

  var parts: [Part]

  /// A random shape about a place.
  /// - Parameter size: of its longer side
  static func random(x: Double, y: Double, size: Double, using numbers: inout QuestionNumbers) -> LayoutShape {
    let aspect = numbers.real(0.45...1)
    let isTall = numbers.chance(0.5)
    let half = (size / 2 * (isTall ? aspect : 1), size / 2 * (isTall ? 1 : aspect))
    func part(
      _ isRound: Bool, _ dx: Double = 0, _ dy: Double = 0, _ scaleX: Double = 1, _ scaleY: Double = 1,
      turn: Double = 0
    ) -> Part {
      Part(
        isRound: isRound, x: x + dx * half.0, y: y + dy * half.1, halfWidth: half.0 * scaleX,
        halfHeight: half.1 * scaleY, cosine: cos(turn), sine: sin(turn))
    }
    let turn = numbers.chance(0.5) ? 0 : numbers.real(-0.8...0.8)
    switch numbers.whole(0...3) {
    case 0: return LayoutShape(parts: [part(true, turn: turn)])
    case 1: return LayoutShape(parts: [part(false, 0, 0, 0.9, 0.9, turn: turn)])
    case 2:
      // A body and something on top of it: bottles, people, plants.
      return LayoutShape(parts: [
        part(numbers.chance(0.5), 0, 0.3, numbers.real(0.7...1), 0.7),
        part(numbers.chance(0.5), numbers.real(-0.3...0.3), -0.5, numbers.real(0.25...0.7), 0.5),
      ])
    default:
      return LayoutShape(
        parts: (0..<3).map { _ in
          part(
            true, numbers.real(-0.45...0.45), numbers.real(-0.45...0.45), numbers.real(0.45...0.7),
            numbers.real(0.45...0.7), turn: numbers.real(-1...1))
        })
    }
  }

  /// Gives the map's pixels inside of the shape an id.
  func paint(_ id: Int32, into ids: inout [Int32], width: Int, height: Int) {
    let (w, h) = (Double(width), Double(height))
    for part in parts {
      let reachX = abs(part.halfWidth * part.cosine) + abs(part.halfHeight * part.sine)
      let reachY = abs(part.halfWidth * part.sine) + abs(part.halfHeight * part.cosine)
      let rows = Self.pixels(part.y, reachY, height)
      let columns = Self.pixels(part.x, reachX, width)
      for row in rows {
        let dy = (Double(row) + 0.5) / h - part.y
        for column in columns {
          let dx = (Double(column) + 0.5) / w - part.x
          let u = (dx * part.cosine + dy * part.sine) / part.halfWidth
          let v = (dy * part.cosine - dx * part.sine) / part.halfHeight
          if part.isRound ? u * u + v * v <= 1 : max(abs(u), abs(v)) <= 1 { ids[row * width + column] = id }
        }
      }
    }
  }

  private static func pixels(_ centre: Double, _ reach: Double, _ count: Int) -> Range<Int> {
    let low = max(0, min(count, Int(((centre - reach) * Double(count)).rounded(.down))))
    let high = max(low, min(count, Int(((centre + reach) * Double(count)).rounded(.up))))
    return low..<high
  }
}
