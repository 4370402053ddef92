import CrayonCore

/// For each segment the pixel that is farthest from any other segment: the middle of its thickest part, which
/// unlike the centre of its box is always inside.
struct InnermostPoints {
  struct Point {
    var x: Int
    var y: Int
    /// To the nearest pixel of another segment or beyond the edge, in pixels, along rows and columns.
    var distance: Int
  }

  private(set) var points: [Int32: Point] = [:]

  /// Two sweeps over the map, which is thinned out where it is large: a tag's place needs no more.
  init(_ map: PanopticMap) {
    let step = max(1, max(map.width, map.height) / 1024)
    let (width, height) = ((map.width + step - 1) / step, (map.height + step - 1) / step)
    var ids = [Int32](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width { ids[y * width + x] = map.ids[y * step * map.width + x * step] }
    }
    let distances = Self.distances(ids, width: width, height: height)
    var best: [Int32: (index: Int, distance: Int32)] = [:]
    var (lastID, lastDistance) = (PanopticMap.void, Int32.max)
    for index in ids.indices {
      let id = ids[index]
      if id != lastID { (lastID, lastDistance) = (id, id == PanopticMap.void ? .max : best[id]?.distance ?? 0) }
      guard distances[index] > lastDistance else { continue }
      best[id] = (index, distances[index])
      lastDistance = distances[index]
    }
    points = best.mapValues { best in
      Point(
        x: min(best.index % width * step, map.width - 1),
        y: min(best.index / width * step, map.height - 1), distance: Int(best.distance) * step)
    }
  }

  private static func distances(_ ids: [Int32], width: Int, height: Int) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: ids.count) { distances, count in
      ids.withUnsafeBufferPointer { ids in
        func reach(_ index: Int, _ neighbour: Int, _ exists: Bool) -> Int32 {
          exists && ids[neighbour] == ids[index] ? distances[neighbour] + 1 : 1
        }
        for y in 0..<height {
          for x in 0..<width {
            let index = y * width + x
            distances[index] = min(reach(index, index - 1, x > 0), reach(index, index - width, y > 0))
          }
        }
        for y in (0..<height).reversed() {
          for x in (0..<width).reversed() {
            let index = y * width + x
            distances[index] = min(
              distances[index], reach(index, index + 1, x + 1 < width),
              reach(index, index + width, y + 1 < height))
          }
        }
      }
      count = ids.count
    }
  }
}
