package import CrayonCore

/// A map on the grid of image tokens: for every cell the segment that has the largest part of it.
///
/// A pixel belongs to the cell that its centre lies in. Void stands for election like any segment, and of
/// equals the smaller id wins, so void before all. A cell in which no pixel's centre lies (a picture of fewer
/// pixels than cells) takes the pixel at its own centre. A map that was made of the grid by repeating pixels
/// gives the grid back.
///
/// On demand every segment is then given a cell: in ascending order of id, one that has won none takes that with most
/// of its pixels, unless it is another's only one. What is small could not be counted otherwise.
package struct SegmentGrid: Equatable, Sendable {
  package let size: GridSize
  /// Row-major [rows, columns]; 0 for void.
  package private(set) var ids: [Int32]

  package init(_ map: PanopticMap, size: GridSize, aCellForEverySegment: Bool = false) {
    self.size = size
    let rows = Self.cells(pixels: map.height, cells: size.rows)
    let columns = Self.cells(pixels: map.width, cells: size.columns)
    var ids: [Int32] = []
    ids.reserveCapacity(size.count)
    map.ids.withUnsafeBufferPointer { pixels in
      var votes: [Int32: Int] = [:]
      for row in rows {
        for column in columns {
          votes.removeAll(keepingCapacity: true)
          for y in row {
            // By runs: neighbours mostly agree.
            var x = column.lowerBound
            while x < column.upperBound {
              let id = pixels[y * map.width + x]
              var end = x + 1
              while end < column.upperBound && pixels[y * map.width + end] == id { end += 1 }
              votes[id, default: 0] += end - x
              x = end
            }
          }
          let winner = votes.min { ($1.value, $0.key) < ($0.value, $1.key) }
          ids.append(winner?.key ?? PanopticMap.void)
        }
      }
    }
    self.ids = ids
    if aCellForEverySegment { giveCells(to: map) }
  }

  private mutating func giveCells(to map: PanopticMap) {
    var held = Dictionary(ids.map { ($0, 1) }, uniquingKeysWith: +)
    for segment in map.segments where held[segment.id] == nil {
      let free = map.cells(of: segment, size).first {
        ids[$0] == PanopticMap.void || held[ids[$0], default: 0] > 1
      }
      guard let cell = free else { continue }
      held[ids[cell], default: 0] -= 1
      held[segment.id] = 1
      ids[cell] = segment.id
    }
  }

  /// The pixels along one axis whose centres lie in each cell.
  private static func cells(pixels: Int, cells: Int) -> [Range<Int>] {
    /// The first pixel whose centre is at or behind the border before a cell: (x + 1/2) / pixels ≥ cell / cells.
    func first(_ cell: Int) -> Int { max(0, (2 * pixels * cell - cells + 2 * cells - 1) / (2 * cells)) }
    return (0..<cells).map { cell in
      let range = first(cell)..<max(first(cell), min(first(cell + 1), pixels))
      guard range.isEmpty else { return range }
      let centre = min((2 * cell + 1) * pixels / (2 * cells), pixels - 1)
      return centre..<centre + 1
    }
  }

  /// The smallest box around the cells of each segment.
  package var boxes: [Int32: PixelBox] {
    var boxes: [Int32: PixelBox] = [:]
    for (index, id) in ids.enumerated() where id != PanopticMap.void {
      let (x, y) = (index % size.columns, index / size.columns)
      var box = boxes[id] ?? PixelBox(x0: x, y0: y, x1: x + 1, y1: y + 1)
      box.x0 = min(box.x0, x)
      box.x1 = max(box.x1, x + 1)
      box.y1 = y + 1
      boxes[id] = box
    }
    return boxes
  }
}

extension PanopticMap {
  /// The cells of a grid in which a segment's pixels have their centres: that with most of them first, of equals the
  /// first of the grid.
  package func cells(of segment: Segment, _ grid: GridSize) -> [Int] {
    var pixels: [Int: Int] = [:]
    for y in segment.box.y0..<segment.box.y1 {
      let row = (2 * y + 1) * grid.rows / (2 * height)
      for x in segment.box.x0..<segment.box.x1 where ids[y * width + x] == segment.id {
        pixels[row * grid.columns + (2 * x + 1) * grid.columns / (2 * width), default: 0] += 1
      }
    }
    return pixels.keys.sorted { (-pixels[$0, default: 0], $0) < (-pixels[$1, default: 0], $1) }
  }
}
