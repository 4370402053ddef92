import CrayonCore

extension PanopticMap {
  /// The map without some segments: their pixels become void.
  /// - Throws: ``PictureError/noSuchSegment(_:known:)``
  func dropping(_ dropped: Set<Int32>) throws -> PanopticMap {
    guard !dropped.isEmpty else { return self }
    let known = segments.map { $0.id }
    if let unknown = dropped.sorted().first(where: { !known.contains($0) }) {
      throw PictureError.noSuchSegment(unknown, known: known)
    }
    let labels = segments.filter { !dropped.contains($0.id) }.map { segment in
      (segment.id, Label(category: segment.category, score: segment.score, isCrowd: segment.isCrowd))
    }
    return try PanopticMap(
      width: width, height: height, ids: ids.map { dropped.contains($0) ? Self.void : $0 },
      labels: Dictionary(labels, uniquingKeysWith: { first, _ in first }))
  }
}
