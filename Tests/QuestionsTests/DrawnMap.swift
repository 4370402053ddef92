import CrayonCore
import Questions
import Testing

/// A map drawn in letters: every letter is a segment, `.` is void, every character stands for 8×8 pixels.
enum DrawnMap {
  /// - Parameter segments: category names by letter, in the order of their ids
  static func map(
    _ rows: [String], _ segments: KeyValuePairs<Character, String>, crowds: Set<Character> = []
  ) throws -> PanopticMap {
    let scale = 8
    var ids: [Character: Int32] = [".": PanopticMap.void]
    var labels: [Int32: PanopticMap.Label] = [:]
    for (index, (letter, name)) in segments.enumerated() {
      let category = try #require(CategoryTable.coco.category(named: name))
      ids[letter] = Int32(index + 1)
      labels[Int32(index + 1)] = PanopticMap.Label(category: category, isCrowd: crowds.contains(letter))
    }
    let width = try #require(rows.first?.count) * scale
    let pixels = try rows.flatMap { row in
      let line = try row.flatMap { [Int32](repeating: try #require(ids[$0]), count: scale) }
      return (0..<scale).flatMap { _ in line }
    }
    return try PanopticMap(width: width, height: rows.count * scale, ids: pixels, labels: labels)
  }

  /// Three cups in a row on a table, a bowl to the right of them, grass below.
  static func table() throws -> PanopticMap {
    try map(
      [
        "tttttttttttttttt",
        "taattbbttccttttt",
        "taattbbttccttddd",
        "tttttttttttttddd",
        "gggggggggggggggg",
        "gggggggggggggggg",
      ],
      ["a": "cup", "b": "cup", "c": "cup", "d": "bowl", "t": "table-merged", "g": "grass-merged"])
  }
}

extension CountingQuestion {
  /// The segments that are to be counted; nil where a map cannot tell.
  func segments(in map: PanopticMap) -> [Segment]? {
    if case .segments(let segments) = count(in: map) { segments } else { nil }
  }
}
