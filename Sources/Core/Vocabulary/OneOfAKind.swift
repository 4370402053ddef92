public import CrayonCore

/// What tells one of several of a kind from the others: where it is among them, or its number in the listing.
public enum OneOfAKind: Sendable, Hashable {
  /// Of the segment whose box has the leftmost middle.
  case leftmost
  /// Of the one whose box has the rightmost middle.
  case rightmost
  /// Its place in increasing order of ids, from 1.
  case number(Int)

  /// "the leftmost cup", "cup number 2"
  /// - Parameter noun: of one: "cup"
  public func phrase(_ noun: String) -> String {
    switch self {
    case .leftmost, .rightmost: "the \(self) \(noun)"
    case .number(let number): "\(noun) number \(number)"
    }
  }

  /// What a phrase says of which one it means, and the kind without that: `cup number 2` → `cup`, `number(2)`.
  /// - Returns: no one where all of the kind are meant, or any
  public static func read(_ phrase: String) -> (kind: String, one: OneOfAKind?) {
    let words = phrase.lowercased().split(separator: " ")
    if words.count > 2, words[words.count - 2] == "number", let number = words.last.flatMap({ Int($0) }) {
      return (words.dropLast(2).joined(separator: " "), .number(number))
    }
    let side = [leftmost, .rightmost].first { words.contains("\($0)") }
    return (words.filter { word in side.map { "\($0)" != word } ?? true }.joined(separator: " "), side)
  }

  /// - Parameter segments: all of one kind, in increasing order of ids
  /// - Returns: nil where none has the number
  public func pick(from segments: [Segment]) -> Segment? {
    switch self {
    case .leftmost: segments.min { $0.box.centre.x < $1.box.centre.x }
    case .rightmost: segments.max { $0.box.centre.x < $1.box.centre.x }
    case .number(let number): segments.indices.contains(number - 1) ? segments[number - 1] : nil
    }
  }
}
