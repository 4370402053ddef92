public import CrayonCore
public import Vocabulary

/// A map drawn in letters: every letter is a segment, `.` is void, every character stands for 8×8 pixels.
public enum DrawnMap {
  /// A name that is not COCO's, a letter that stands for nothing, or no rows.
  struct Unreadable: Error {}

  /// - Parameter segments: category names by letter, in the order of their ids
  public static func map(
    _ rows: [String], _ segments: KeyValuePairs<Character, String>, crowds: Set<Character> = []
  ) throws -> PanopticMap {
    let scale = 8
    var ids: [Character: Int32] = [".": PanopticMap.void]
    var labels: [Int32: PanopticMap.Label] = [:]
    for (index, (letter, name)) in segments.enumerated() {
      guard let category = CategoryTable.coco.category(named: name) else { throw Unreadable() }
      ids[letter] = Int32(index + 1)
      labels[Int32(index + 1)] = PanopticMap.Label(category: category, isCrowd: crowds.contains(letter))
    }
    guard let columns = rows.first?.count else { throw Unreadable() }
    let pixels = try rows.flatMap { row in
      let line = try row.flatMap { letter in
        guard let id = ids[letter] else { throw Unreadable() }
        return [Int32](repeating: id, count: scale)
      }
      return (0..<scale).flatMap { _ in line }
    }
    return try PanopticMap(width: columns * scale, height: rows.count * scale, ids: pixels, labels: labels)
  }

  /// Three cups in a row on a table, a bowl to the right of them, grass below.
  public static func table() throws -> PanopticMap {
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
  public func segments(in map: PanopticMap) -> [Segment]? {
    if case .segments(let segments) = count(in: map) { segments } else { nil }
  }
}
