/// English plurals, by one rule and a table of exceptions; of several words the last one changes.
enum Plural {
  private static let irregular = [
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice",
    "knife": "knives", "shelf": "shelves", "loaf": "loaves", "wolf": "wolves", "leaf": "leaves",
    "sheep": "sheep", "fish": "fish", "broccoli": "broccoli", "reindeer": "reindeer", "goose": "geese",
    "cactus": "cacti", "policeman": "policemen", "fireman": "firemen", "snowman": "snowmen",
    "potato": "potatoes", "tomato": "tomatoes", "ox": "oxen", "aircraft": "aircraft",
    "octopus": "octopuses",
  ]

  static func of(_ noun: String) -> String {
    var words = noun.split(separator: " ").map(String.init)
    guard let last = words.popLast() else { return noun }
    return (words + [ofWord(last)]).joined(separator: " ")
  }

  private static func ofWord(_ word: String) -> String {
    if let plural = irregular[word] { return plural }
    if ["s", "x", "z", "ch", "sh"].contains(where: word.hasSuffix) { return word + "es" }
    let beforeLast = word.dropLast().last
    if word.hasSuffix("y"), let beforeLast, !"aeiou".contains(beforeLast) { return word.dropLast() + "ies" }
    return word + "s"
  }
}
