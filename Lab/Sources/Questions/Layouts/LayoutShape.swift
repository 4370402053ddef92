import Foundation

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
  static func random(x: Double, y: Double, size: Double, using numbers: inout SplitMix64) -> LayoutShape {
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
