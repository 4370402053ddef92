import CrayonCore

/// A point in pixels, (0, 0) being the upper left corner of the first pixel, as COCO counts.
struct OutlinePoint: Hashable {
  var x: Double
  var y: Double

  /// Whether a file's number can be a coordinate: not so far outside of any picture that arithmetic would suffer.
  static func canReach(_ coordinate: Double) -> Bool { abs(coordinate) <= 1_048_576 }
}

/// A closed line around pixels.
struct Outline: Equatable {
  var points: [OutlinePoint]

  /// Of what it encloses, holes included, in pixels.
  var area: Double {
    var twice = 0.0
    for (a, b) in zip(points, points.dropFirst() + points.prefix(1)) { twice += a.x * b.y - b.x * a.y }
    return abs(twice) / 2
  }

  /// With fewer corners, none of the old line further from the new one than a distance (Douglas and Peucker 1973). A line
  /// that would vanish stays as it is.
  func simplified(to distance: Double) -> Outline {
    guard distance > 0, points.count > 4, let first = points.first else { return self }
    // The ring is cut where it is furthest from its start.
    func squared(_ a: OutlinePoint, _ b: OutlinePoint) -> Double {
      (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)
    }
    let far = points.indices.max { squared(points[$0], first) < squared(points[$1], first) } ?? 0
    var keeps = [Bool](repeating: false, count: points.count + 1)
    keeps[0] = true
    keeps[far] = true
    let ring = points + [first]
    var parts = [(0, far), (far, points.count)]
    while let (start, end) = parts.popLast() {
      guard end - start > 1 else { continue }
      let (a, b) = (ring[start], ring[end])
      let length = squared(a, b).squareRoot()
      var (worst, index) = (0.0, start)
      for position in start + 1..<end {
        let p = ring[position]
        let off =
          length == 0
          ? squared(p, a).squareRoot()
          : abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / length
        if off > worst { (worst, index) = (off, position) }
      }
      guard worst > distance else { continue }
      keeps[index] = true
      parts += [(start, index), (index, end)]
    }
    let kept = points.indices.filter { keeps[$0] }.map { points[$0] }
    return kept.count < 3 ? self : Outline(points: kept)
  }

  /// Calls `body` with a row, and the columns of it whose middles lie inside by the even-odd rule.
  func forEachRun(width: Int, height: Int, _ body: (Int, Range<Int>) -> Void) {
    guard points.count >= 3 else { return }
    let ys = points.map(\.y)
    let top = Int(max(0, (ys.min() ?? 0) - 1)), bottom = Int(min(Double(height), (ys.max() ?? 0) + 1))
    guard top < bottom else { return }
    var crossings = [[Double]](repeating: [], count: bottom - top)
    for (a, b) in zip(points, points.dropFirst() + points.prefix(1)) where a.y != b.y {
      let (high, low) = a.y < b.y ? (a, b) : (b, a)
      let slope = (low.x - high.x) / (low.y - high.y)
      let first = max(top, Int((max(high.y, -1) - 0.5).rounded(.up)))
      let last = min(bottom - 1, Int((min(low.y, Double(height) + 1) - 0.5).rounded(.up)) - 1)
      guard first <= last else { continue }
      for row in first...last {
        crossings[row - top].append(high.x + slope * (Double(row) + 0.5 - high.y))
      }
    }
    for (offset, row) in crossings.enumerated() where row.count > 1 {
      let sorted = row.sorted()
      for pair in stride(from: 0, to: sorted.count - 1, by: 2) {
        let first = Int((min(max(sorted[pair], 0), Double(width)) - 0.5).rounded(.up))
        let last = Int((min(max(sorted[pair + 1], 0), Double(width)) - 0.5).rounded(.up))
        if max(first, 0) < min(last, width) { body(top + offset, max(first, 0)..<min(last, width)) }
      }
    }
  }
}

/// The pieces of a map: of each segment, and of what is void, its parts that hang together along pixels' edges.
struct MapPieces {
  struct Piece: Equatable {
    /// The segment's; `PanopticMap.void` for a piece of nothing.
    let id: Int32
    /// In pixels.
    let area: Int
    /// Around it; what is in its holes is inside.
    let outline: Outline

    var hasHoles: Bool { Int(outline.area.rounded()) > area }
  }

  /// In the order in which they can be painted, filled, so that the map comes out: what lies in a hole encloses less, and
  /// comes later.
  let pieces: [Piece]

  /// Pieces of nothing are those alone that lie in another's hole.
  init(_ map: PanopticMap) {
    let (width, height, ids) = (map.width, map.height, map.ids)
    var labels = [Int32](repeating: -1, count: ids.count)
    var found: [Piece] = []
    var stack: [Int] = []
    for start in ids.indices where labels[start] < 0 {
      let (id, label) = (ids[start], Int32(found.count))
      var area = 0
      labels[start] = label
      stack.append(start)
      while let position = stack.popLast() {
        area += 1
        let x = position % width
        for next in [
          x > 0 ? position - 1 : -1, x + 1 < width ? position + 1 : -1, position - width, position + width,
        ] where ids.indices.contains(next) && labels[next] < 0 && ids[next] == id {
          labels[next] = label
          stack.append(next)
        }
      }
      let outline = Self.trace(labels, label, from: start, width: width, height: height)
      found.append(Piece(id: id, area: area, outline: outline))
    }
    let order = found.indices.sorted { (found[$0].outline.area, $1) > (found[$1].outline.area, $0) }
    // What of nothing would be painted over if it were not said.
    var covered = [Bool](repeating: false, count: found.count)
    if map.voidArea > 0 {
      for index in order where found[index].id != PanopticMap.void && found[index].hasHoles {
        found[index].outline.forEachRun(width: width, height: height) { row, columns in
          for column in columns {
            let label = Int(labels[row * width + column])
            if found[label].id == PanopticMap.void { covered[label] = true }
          }
        }
      }
    }
    pieces = order.filter { found[$0].id != PanopticMap.void || covered[$0] }.map { found[$0] }
  }

  /// The outer boundary of a piece, along pixels' edges, with the piece to the right of the way.
  private static func trace(
    _ labels: [Int32], _ label: Int32, from start: Int, width: Int, height: Int
  ) -> Outline {
    func isInside(_ x: Int, _ y: Int) -> Bool {
      x >= 0 && y >= 0 && x < width && y < height && labels[y * width + x] == label
    }
    // The first pixel in reading order has nothing above it and nothing before it.
    let (x0, y0) = (start % width, start / width)
    var (x, y, dx, dy) = (x0, y0, 1, 0)
    var points: [OutlinePoint] = []
    repeat {
      x += dx
      y += dy
      // The two pixels ahead: to the right of the way, and to the left of it.
      let right = isInside(x + (dx - dy - 1) / 2, y + (dx + dy - 1) / 2)
      let left = isInside(x + (dx + dy - 1) / 2, y + (dy - dx - 1) / 2)
      if !right {
        points.append(OutlinePoint(x: Double(x), y: Double(y)))
        (dx, dy) = (-dy, dx)
      } else if left {
        points.append(OutlinePoint(x: Double(x), y: Double(y)))
        (dx, dy) = (dy, -dx)
      }
    } while x != x0 || y != y0 || dx != 1 || dy != 0
    return Outline(points: points)
  }
}
