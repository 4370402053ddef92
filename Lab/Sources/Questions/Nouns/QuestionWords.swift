import CrayonCore

/// Which categories go together: by meaning, so that a "no" would be arguable, and by where they are found.
enum CategoryKinship {
  /// A general name and what it may mean as well. Where one of a pair is seen, the other is not asked for as
  /// something that is not there.
  private static let generalizations: [(general: String, special: [String])] = [
    ("table-merged", ["dining table", "counter", "shelf"]),
    ("dining table", ["counter"]),
    ("floor-other-merged", ["floor-wood", "pavement-merged", "platform", "rug-merged"]),
    ("wall-other-merged", ["wall-brick", "wall-stone", "wall-tile", "wall-wood", "building-other-merged"]),
    ("fruit", ["apple", "orange", "banana"]),
    (
      "food-other-merged",
      [
        "apple", "orange", "banana", "sandwich", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake",
        "fruit",
      ]
    ),
    ("water-other", ["sea", "river"]), ("sea", ["river"]),
    ("light", ["traffic light"]), ("building-other-merged", ["house", "roof"]), ("house", ["roof"]),
    ("rock-merged", ["gravel", "mountain-merged", "wall-stone"]), ("dirt-merged", ["sand", "gravel"]),
    ("road", ["pavement-merged"]), ("flower", ["potted plant"]),
    ("tree-merged", ["potted plant"]), ("window-other", ["window-blind", "curtain"]),
    ("window-blind", ["curtain"]), ("blanket", ["towel"]), ("cup", ["wine glass"]),
    ("couch", ["chair", "bench"]), ("chair", ["bench"]), ("cabinet-merged", ["shelf"]),
    ("paper-merged", ["cardboard", "book"]), ("truck", ["car", "bus"]), ("vase", ["potted plant"]),
    ("handbag", ["backpack", "suitcase"]), ("grass-merged", ["playingfield"]), ("banner", ["stop sign"]),
  ]

  private static let relatives: [String: Set<String>] = generalizations.reduce(into: [:]) { relatives, entry in
    for special in entry.special {
      relatives[entry.general, default: []].insert(special)
      relatives[special, default: []].insert(entry.general)
    }
  }

  /// Categories that may be taken for this one.
  static func relatives(of name: String) -> Set<String> { relatives[name] ?? [] }

  /// What is most often seen.
  static let popular = [
    "person", "chair", "car", "dining table", "cup", "bottle", "bowl", "book", "handbag", "cell phone",
    "tree-merged", "wall-other-merged", "sky-other-merged", "grass-merged", "table-merged", "window-other",
    "building-other-merged", "road",
  ]

  /// Categories of which one's name is within the other's, or nearly so.
  static let soundingAlike: [Set<String>] = [
    ["dog", "hot dog"], ["bear", "teddy bear"], ["cup", "wine glass"], ["baseball bat", "baseball glove"],
    ["tennis racket", "sports ball"], ["mouse", "keyboard", "remote", "cell phone"], ["bus", "truck", "car"],
    ["skateboard", "surfboard", "snowboard", "skis"], ["bicycle", "motorcycle"], ["tie", "tv"],
    ["sheep", "cow"],
  ]

  /// Whether a category's name is taken for that of one of these.
  static func soundsLike(_ name: String, oneOf others: Set<String>) -> Bool {
    soundingAlike.contains { $0.contains(name) && !$0.isDisjoint(with: others) }
  }

  /// Categories that are found together.
  static let contexts: [[String]] = [
    [
      "cup", "bowl", "bottle", "wine glass", "fork", "knife", "spoon", "dining table", "table-merged",
      "sandwich", "pizza", "cake", "donut", "food-other-merged", "vase", "apple", "orange", "banana",
    ],
    [
      "oven", "microwave", "refrigerator", "sink", "toaster", "bowl", "cup", "bottle", "knife",
      "counter", "cabinet-merged", "floor-other-merged", "wall-tile", "shelf", "broccoli", "carrot",
    ],
    [
      "couch", "chair", "tv", "remote", "book", "vase", "potted plant", "clock", "rug-merged",
      "floor-wood", "wall-other-merged", "window-other", "curtain", "pillow", "light", "table-merged",
    ],
    [
      "laptop", "keyboard", "mouse", "cell phone", "book", "cup", "chair", "tv", "table-merged",
      "paper-merged", "clock", "wall-other-merged", "scissors",
    ],
    ["bed", "pillow", "blanket", "teddy bear", "clock", "light", "curtain", "window-blind", "rug-merged"],
    ["toilet", "sink", "toothbrush", "hair drier", "towel", "mirror-stuff", "wall-tile", "bottle"],
    [
      "car", "bus", "truck", "bicycle", "motorcycle", "traffic light", "stop sign", "parking meter",
      "fire hydrant", "person", "road", "pavement-merged", "building-other-merged", "tree-merged",
    ],
    ["train", "railroad", "platform", "person", "suitcase", "bench", "backpack", "sky-other-merged"],
    [
      "sheep", "cow", "horse", "dog", "bird", "grass-merged", "fence-merged", "tree-merged",
      "mountain-merged", "sky-other-merged", "dirt-merged",
    ],
    ["elephant", "zebra", "giraffe", "bear", "rock-merged", "grass-merged", "dirt-merged", "tree-merged"],
    [
      "person", "baseball bat", "baseball glove", "sports ball", "tennis racket", "playingfield", "net",
      "frisbee", "grass-merged",
    ],
    ["person", "skis", "snowboard", "snow", "mountain-merged", "tree-merged", "sky-other-merged", "backpack"],
    ["boat", "surfboard", "person", "sea", "sand", "kite", "umbrella", "bird", "sky-other-merged"],
    [
      "bench", "umbrella", "handbag", "person", "skateboard", "stairs", "flower", "house", "roof", "banner",
      "tent", "bridge", "river",
    ],
    ["airplane", "kite", "bird", "sky-other-merged", "building-other-merged", "pavement-merged"],
  ]
}

/// Things that COCO's vocabulary has no category for.
enum UnknownNouns {
  /// Asked about at any seed.
  static let kept = [
    "dragon", "violin", "guitar", "piano", "trumpet", "drum", "helicopter", "submarine", "rocket", "tank",
    "tractor", "bulldozer", "crane", "canoe", "anchor", "lighthouse", "windmill", "castle", "pyramid", "igloo",
    "statue", "fountain", "ladder", "hammer", "screwdriver", "wrench", "drill", "saw", "axe", "shovel", "rake",
    "wheelbarrow", "bucket", "broom", "mop", "vacuum cleaner", "washing machine", "dishwasher", "kettle",
    "teapot", "frying pan", "ladle", "whisk", "grater", "corkscrew", "candle", "lantern", "torch", "compass",
    "telescope", "microscope", "camera", "tripod", "printer", "scanner", "projector", "calculator", "stapler",
    "pencil", "eraser", "ruler", "globe", "map", "envelope", "stamp", "coin", "key", "padlock", "wallet",
    "watch", "ring", "necklace", "earring", "crown", "helmet", "hat", "glove", "scarf", "sock", "shoe", "boot",
    "belt", "jacket", "dress", "shirt", "button", "zipper", "needle", "sewing machine", "robot", "doll",
    "puppet",
    "puzzle", "dice", "chess piece", "balloon", "swing", "slide", "trampoline", "dinosaur", "mermaid", "ghost",
    "witch", "wizard", "lion", "tiger", "leopard", "wolf", "fox", "monkey", "gorilla", "kangaroo", "koala",
    "panda", "camel", "llama", "donkey", "goat", "pig", "rabbit", "hamster", "squirrel", "hedgehog", "badger",
    "mole", "beaver", "otter", "seal", "whale", "dolphin", "shark", "fish", "crab", "lobster", "octopus",
    "jellyfish", "starfish", "snail", "worm", "spider", "ant", "bee", "butterfly", "beetle", "dragonfly",
    "frog",
    "turtle", "lizard", "snake", "crocodile", "strawberry", "cherry", "pineapple", "watermelon", "lemon",
    "pear",
    "peach", "coconut", "tomato", "potato", "onion", "cucumber", "pumpkin", "mushroom", "egg", "pretzel",
    "croissant", "hamburger", "taco", "lollipop", "bathtub", "shower", "hammock", "sword", "shield", "cannon",
    "satellite", "volcano", "cactus", "barrel", "basket", "magnet", "battery", "light bulb", "fan",
  ]

  /// Asked about at evaluation seeds only.
  static let heldOut = [
    "unicorn", "saxophone", "harp", "flute", "zeppelin", "tricycle", "chainsaw", "blender", "thermometer",
    "typewriter", "abacus", "sundial", "parachute", "snowman", "alien", "vampire", "rhinoceros", "hippo",
    "walrus", "armadillo", "scorpion", "grasshopper", "pomegranate", "kiwi", "avocado", "pancake", "sombrero",
    "kimono", "stethoscope", "boomerang",
  ]
}

/// The colours that scenes have and questions ask for.
package enum CommonColours {
  package static let names = [
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey",
  ]
}
