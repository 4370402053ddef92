public import CrayonCore

extension Noun {
  /// How a category is spoken of: its name without "-merged", "-other" and "-stuff", or as the table says.
  public init(_ category: Category) {
    let name = Self.spokenNames[category.name] ?? Self.plain(category.name)
    self.init(name, Self.grammars[name] ?? .countable)
  }

  /// A category's name as prompts list it: without what COCO adds to tell kinds of stuff apart.
  static func plain(_ name: String) -> String {
    var name = name
    for suffix in ["-merged", "-other", "-stuff"] where name.hasSuffix(suffix) {
      name.removeLast(suffix.count)
    }
    return name
  }

  /// Names of COCO's that nobody says.
  private static let spokenNames = [
    "floor-wood": "wooden floor", "wall-brick": "brick wall", "wall-stone": "stone wall",
    "wall-tile": "tiled wall", "wall-wood": "wooden wall", "window-blind": "window blind",
    "playingfield": "playing field",
  ]

  private static let grammars: [String: Grammar] = [
    "scissors": .pair, "skis": .pair, "stairs": .pluralMass,
    "cardboard": .mass, "fruit": .mass, "gravel": .mass, "sand": .mass, "sea": .mass, "snow": .mass,
    "water": .mass, "sky": .mass, "pavement": .mass, "grass": .mass, "dirt": .mass, "paper": .mass,
    "food": .mass,
  ]
}
