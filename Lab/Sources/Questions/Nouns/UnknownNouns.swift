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
    "panda", "camel", "llama", "donkey", "goat", "pig", "rabbit", "hamster", "squirrel", "hedgehog", "bat",
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
