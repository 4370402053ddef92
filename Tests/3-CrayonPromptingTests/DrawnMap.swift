import CrayonCore

/// A map drawn with letters: a row of text is a row of pixels, a letter is a segment, a space is void.
func drawnMap(_ rows: [String], _ segments: [Character: (id: Int32, category: String)]) throws -> PanopticMap {
  var labels: [Int32: PanopticMap.Label] = [:]
  for segment in segments.values {
    // Names that are not COCO's get an id behind its.
    let category =
      CategoryTable.coco.category(named: segment.category)
      ?? Category(id: 1000 + Int(segment.id), name: segment.category, isThing: true)
    labels[segment.id] = PanopticMap.Label(category: category)
  }
  return try PanopticMap(
    width: rows[0].count, height: rows.count,
    ids: rows.joined().map { $0 == " " ? PanopticMap.void : segments[$0]?.id ?? -1 }, labels: labels)
}
