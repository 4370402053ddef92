import CrayonCore
import Vocabulary

/// Finds the objects of a listing that an answer names: "#2 cup" is the second cup, "cup" or "cups" all of them.
enum MentionedObjects {
  struct Mention: Equatable {
    /// The segment's id in the map.
    var segment: Int32
    /// As the answer has it.
    var phrase: String
  }

  /// Each object at most once, in the order in which they are named; of several names in one place the longest counts.
  static func find(in text: String, of objects: [CrayonPrompt.Object]) -> [Mention] {
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "#" && $0 != "-" }.map(String.init)
    let lowered = words.map { $0.lowercased() }
    let names = Set(objects.map(\.name)).flatMap { name in
      Noun.spellings(of: name.lowercased()).map {
        (name: name, words: $0.split(separator: " ").map(String.init))
      }
    }
    .sorted { ($1.words.count, $0.name) < ($0.words.count, $1.name) }
    var found: [Mention] = []
    var position = 0
    while position < words.count {
      guard let match = names.first(where: { lowered[position...].starts(with: $0.words) }) else {
        position += 1
        continue
      }
      let number =
        position > 0 && lowered[position - 1].hasPrefix("#") ? Int(lowered[position - 1].dropFirst()) : nil
      let start = number == nil ? position : position - 1
      let end = position + match.words.count
      for object in objects where object.name == match.name && (number == nil || object.number == number) {
        guard !found.contains(where: { $0.segment == object.id }) else { continue }
        found.append(Mention(segment: object.id, phrase: words[start..<end].joined(separator: " ")))
      }
      position = end
    }
    return found
  }
}
