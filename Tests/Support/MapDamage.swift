public import CrayonCore
import Tensors

/// Makes a prediction of a truth by dropping, relabelling, shifting, splitting and merging its segments, in
/// exactly the way that Tests/Reference/panoptic_quality.py describes and does.
public enum MapDamage {
  public static func damage(
    _ map: PanopticMap, categories: CategoryTable, seed: UInt64
  ) throws -> PanopticMap {
    var numbers = SeededNumbers(seed: seed)
    var pixels: [Int32: [Int]] = [:]
    for (index, id) in map.ids.enumerated() where id != PanopticMap.void {
      pixels[id, default: []].append(index)
    }
    var out = [Int32](repeating: PanopticMap.void, count: map.ids.count)
    var made: [Category] = []
    func paint(_ positions: [Int]) {
      for position in positions { out[position] = Int32(1000 * made.count) }
    }
    for segment in map.segments {
      var positions = pixels[segment.id] ?? []
      var category = segment.category
      let operation = numbers.next() % 10
      if operation == 0 { continue }
      if operation == 4 && !made.isEmpty {
        paint(positions)
        continue
      }
      if operation == 1 {
        let order = categories.categories
        let index = order.firstIndex(of: category) ?? 0
        category = order[(index + 1) % order.count]
      }
      if operation == 2 {
        let right = Int(numbers.next() % 21) - 10
        let down = Int(numbers.next() % 21) - 10
        positions = positions.compactMap { position in
          let (x, y) = (position % map.width + right, position / map.width + down)
          guard (0..<map.width).contains(x), (0..<map.height).contains(y) else { return nil }
          return y * map.width + x
        }
      }
      made.append(category)
      paint(positions)
      if operation == 3 {
        let columns = positions.map { $0 % map.width }
        let middle = ((columns.min() ?? 0) + (columns.max() ?? 0) + 1) / 2
        made.append(category)
        paint(positions.filter { $0 % map.width >= middle })
      }
    }
    let present = Set(out)
    var labels: [Int32: PanopticMap.Label] = [:]
    for (index, category) in made.enumerated() where present.contains(Int32(1000 * (index + 1))) {
      labels[Int32(1000 * (index + 1))] = PanopticMap.Label(category: category)
    }
    return try PanopticMap(width: map.width, height: map.height, ids: out, labels: labels)
  }
}
