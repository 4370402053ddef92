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
    let wanted = map.cells(of: Set(map.segments.map(\.id)).subtracting(ids), size)
    for (id, cells) in wanted.sorted(by: { $0.key < $1.key }) {
      let spare = cells.first { ids[$0] == PanopticMap.void || held[ids[$0], default: 0] > 1 }
      guard let spare else { continue }
      held[ids[spare], default: 0] -= 1
      held[id] = 1
      ids[spare] = id
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
  /// For each of these segments, the cells of a grid in which its pixels have their centres: that with most of them
  /// first, of equals the first of the grid. In one pass, however many segments there are.
  package func cells(of segments: Set<Int32>, _ grid: GridSize) -> [Int32: [Int]] {
    guard !segments.isEmpty else { return [:] }
    var pixels: [Int32: [Int: Int]] = [:]
    ids.withUnsafeBufferPointer { ids in
      for y in 0..<height {
        let row = (2 * y + 1) * grid.rows / (2 * height)
        var end = 0
        while end < width {
          let start = end
          let id = ids[y * width + start]
          while end < width && ids[y * width + end] == id { end += 1 }
          guard segments.contains(id) else { continue }
          for x in start..<end {
            let column = (2 * x + 1) * grid.columns / (2 * width)
            pixels[id, default: [:]][row * grid.columns + column, default: 0] += 1
          }
        }
      }
    }
    return pixels.mapValues { counts in
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }
  }
}
