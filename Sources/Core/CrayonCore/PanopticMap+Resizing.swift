extension PanopticMap {
  /// The map at another size, by the nearest pixel. Segments that vanish are left out.
  /// - Precondition: neither side is zero.
  public func resized(width newWidth: Int, height newHeight: Int) throws -> PanopticMap {
    let columns = (0..<newWidth).map { min(($0 * 2 + 1) * width / (2 * newWidth), width - 1) }
    var left: Set<Int32> = []
    let resized = [Int32](unsafeUninitializedCapacity: newWidth * newHeight) { to, count in
      ids.withUnsafeBufferPointer { ids in
        for y in 0..<newHeight {
          let row = min((y * 2 + 1) * height / (2 * newHeight), height - 1) * width
          var last = Self.void
          for x in 0..<newWidth {
            let id = ids[row + columns[x]]
            to[y * newWidth + x] = id
            // Once a run, and not once a pixel.
            if id != last { left.insert(id) }
            last = id
          }
        }
      }
      count = newWidth * newHeight
    }
    let labels = segments.filter { left.contains($0.id) }.map { segment in
      (segment.id, Label(category: segment.category, score: segment.score, isCrowd: segment.isCrowd))
    }
    return try PanopticMap(
      width: newWidth, height: newHeight, ids: resized,
      labels: Dictionary(labels, uniquingKeysWith: { first, _ in first }))
  }
}
