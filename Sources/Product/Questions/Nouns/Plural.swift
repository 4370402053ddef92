/// English plurals, by one rule and a table of exceptions; of several words the last one changes.
enum Plural {
  private static let irregular = [
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice",
    "knife": "knives", "shelf": "shelves", "loaf": "loaves", "wolf": "wolves", "leaf": "leaves",
    "sheep": "sheep", "fish": "fish", "broccoli": "broccoli", "reindeer": "reindeer", "goose": "geese",
    "cactus": "cacti", "policeman": "policemen", "fireman": "firemen", "snowman": "snowmen",
    "potato": "potatoes", "tomato": "tomatoes", "ox": "oxen", "aircraft": "aircraft",
    "octopus": "octopuses", "calf": "calves", "gentleman": "gentlemen",
  ]

  static func of(_ noun: String) -> String {
    var words = noun.split(separator: " ").map(String.init)
    guard let last = words.popLast() else { return noun }
    return (words + [ofWord(last)]).joined(separator: " ")
  }

  /// The plural, and what people write who go by the rule where there is an exception ("sheeps", "knifes", "busses").
  static func spellings(_ noun: String) -> Set<String> {
    var words = noun.split(separator: " ").map(String.init)
    guard let last = words.popLast() else { return [] }
    let doubled = last.hasSuffix("s") ? [last + "ses"] : []
    return Set(([ofWord(last), byRule(last)] + doubled).map { (words + [$0]).joined(separator: " ") })
  }

  private static func ofWord(_ word: String) -> String { irregular[word] ?? byRule(word) }

  private static func byRule(_ word: String) -> String {
    if ["s", "x", "z", "ch", "sh"].contains(where: word.hasSuffix) { return word + "es" }
    let beforeLast = word.dropLast().last
    if word.hasSuffix("y"), let beforeLast, !"aeiou".contains(beforeLast) { return word.dropLast() + "ies" }
    return word + "s"
  }
}
