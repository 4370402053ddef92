import CrayonCore

/// Finds the words that a reply's triggers belong to.
///
/// A phrase is what stands between the trigger and the one before it, or the end of the sentence or clause before it,
/// without the words that only join ("with", "and") and those that only lead to the place ("is at"). Where nothing is
/// left, as in "the cups are at …, … and …", the phrase is that of the trigger before.
enum ReplyPhrases {
  static func phrases(of reply: Reply) -> [String] {
    let text = Array(reply.text)
    var phrases: [String] = []
    var start = 0
    for trigger in reply.triggers {
      let end = min(max(trigger.textOffset, 0), text.count)
      let phrase = phrase(in: text[min(start, end)..<end])
      // Another sentence does not speak of the last one's thing.
      let isContinued = !text[min(start, end)..<end].contains { ".!?".contains($0) }
      phrases.append(phrase.isEmpty && isContinued ? phrases.last ?? "" : phrase)
      start = end
    }
    return phrases
  }

  private static let joining: Set<String> = [
    "and", "or", "with", "but", "then", "also", "next", "to", "beside", "behind", "near", "by", "on", "in",
    "at", "of",
    "under", "over", "above", "below", "there", "is", "are", "while", "has", "have", "it", "which", "that",
    "from",
  ]
  private static let leading: Set<String> = [
    "is", "are", "was", "were", "at", "in", "on", "located", "here", "there", "stands", "lies", "found", "be",
    "can",
  ]

  private static func phrase(in text: ArraySlice<Character>) -> String {
    let clause = text.split(omittingEmptySubsequences: false) { ".!?;:,\n".contains($0) }.last ?? []
    var words = clause.split { $0 == " " || $0 == "\t" }.map { String($0) }[...]
    while let last = words.last, leading.contains(last.lowercased()) { words = words.dropLast() }
    while let first = words.first, joining.contains(first.lowercased()) { words = words.dropFirst() }
    return words.joined(separator: " ")
  }
}
