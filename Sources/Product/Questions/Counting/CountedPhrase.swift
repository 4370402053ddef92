/// The words of a question that say what is to be counted.
struct CountedPhrase {
  /// "cups", or "cups" and "bowls"
  var parts: [[String]]
  /// What follows and narrows it down: "on the shelf".
  var restriction: [String]

  init?(in words: [String]) {
    guard let (start, end) = Self.trigger(in: words) else { return nil }
    let rest = Array(words[end...])
    let behind = Self.phrase(Array(rest.drop(while: Self.leading.contains)))
    if !behind.isEmpty {
      let tail = rest.drop(while: Self.leading.contains).dropFirst(behind.count)
      restriction = tail.allSatisfy(Self.neutral.contains) ? [] : Array(tail.drop(while: Self.verbs.contains))
      parts = Self.split(behind)
    } else {
      // "Cups: how many?"
      let before = Self.phrase(Array(words[..<start].drop(while: Self.leading.contains)))
      guard !before.isEmpty, rest.allSatisfy(Self.neutral.contains) else { return nil }
      restriction = []
      parts = Self.split(before)
    }
    guard !parts.isEmpty, !parts.contains(where: { $0.allSatisfy(Self.pronouns.contains) }) else { return nil }
  }

  /// Where the words stand that ask for a number.
  private static func trigger(in words: [String]) -> (start: Int, end: Int)? {
    for start in words.indices {
      for trigger in triggers where words[start...].starts(with: trigger) {
        return (start, start + trigger.count)
      }
    }
    return nil
  }

  /// Up to the verb, or whatever else cannot belong to a noun.
  private static func phrase(_ words: [String]) -> [String] {
    Array(words.prefix { !ends.contains($0) })
  }

  private static func split(_ phrase: [String]) -> [[String]] {
    phrase.split(whereSeparator: conjunctions.contains).map { Array($0.drop(while: leading.contains)) }
      .filter { !$0.isEmpty }
  }

  private static let triggers: [[String]] = [
    ["how", "many"], ["count", "of"], ["counting"], ["count"], ["number", "of"], ["amount", "of"],
    ["quantity", "of"],
  ]

  private static let conjunctions: Set<String> = ["and", "or", "plus"]

  /// What may stand before a noun and says nothing.
  private static let leading: Set<String> = [
    "of", "the", "all", "a", "an", "these", "those", "any", "different", "individual", "separate", "single",
    "visible", "up", "your", "my", "total", "in", "about", "for", "what", "please", "just",
  ]

  private static let pronouns: Set<String> = ["them", "they", "it", "these", "those", "ones", "there", "times"]

  private static let verbs: Set<String> = [
    "are", "is", "there", "were", "do", "does", "can", "could", "you", "see",
  ]

  /// What ends a noun.
  private static let ends: Set<String> = verbs.union([
    "in", "on", "at", "with", "within", "have", "has", "i", "we", "here", "this", "that", "the", "visible",
    "shown", "seen", "exist", "exists", "appear", "appears", "present", "for", "please", "who", "which",
    "whose",
    "from", "under", "behind", "above", "below", "near", "next", "beside", "to", "inside", "between", "by",
    "without", "left", "right", "was", "it", "now", "would", "should", "did", "tell", "altogether",
  ])

  /// What may follow a noun without narrowing it down.
  private static let neutral: Set<String> = verbs.union([
    "in", "on", "at", "within", "have", "has", "i", "we", "here", "this", "that", "the", "visible", "shown",
    "seen", "found", "exist", "exists", "appear", "appears", "present", "for", "please", "me", "picture",
    "image", "photo", "photograph", "pic", "scene", "show", "shows", "be", "total", "altogether", "it",
    "now", "your", "my", "a", "tell", "find", "spot", "contain", "contains", "would", "say", "view",
    "frame",
  ])
}
