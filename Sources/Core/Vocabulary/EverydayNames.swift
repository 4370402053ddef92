/// What people call categories besides their names.
public enum EverydayNames {
  /// Another word for the same: questions are asked with them, too.
  public static let exact: [(noun: String, category: String)] = [
    ("mug", "cup"), ("sofa", "couch"), ("phone", "cell phone"), ("mobile phone", "cell phone"),
    ("smartphone", "cell phone"), ("plant", "potted plant"), ("houseplant", "potted plant"),
    ("bike", "bicycle"), ("motorbike", "motorcycle"), ("plane", "airplane"), ("television", "tv"),
    ("fridge", "refrigerator"), ("doughnut", "donut"), ("hair dryer", "hair drier"),
    ("computer mouse", "mouse"), ("remote control", "remote"), ("ball", "sports ball"),
    ("automobile", "car"), ("rucksack", "backpack"), ("purse", "handbag"), ("necktie", "tie"),
    ("carpet", "rug-merged"), ("cupboard", "cabinet-merged"), ("hydrant", "fire hydrant"),
    ("tennis racquet", "tennis racket"), ("teddy", "teddy bear"), ("notebook computer", "laptop"),
    ("human", "person"), ("wineglass", "wine glass"),
  ]

  /// Other forms of the same, and words that several categories share between them: understood, but not used.
  public static let forms: [(noun: String, category: String)] = [
    ("persons", "person"), ("hairdryer", "hair drier"), ("pair of scissors", "scissors"),
    ("pair of skis", "skis"), ("ski", "skis"), ("table", "dining table"), ("table", "table-merged"),
    ("folk", "person"), ("kitty", "cat"), ("doggy", "dog"), ("doggie", "dog"), ("cattle", "cow"),
    ("aeroplane", "airplane"), ("lorry", "truck"), ("traffic signal", "traffic light"),
    ("stoplight", "traffic light"), ("cellular phone", "cell phone"), ("bat", "baseball bat"),
    ("baseball mitt", "baseball glove"), ("telly", "tv"), ("television set", "tv"), ("tv set", "tv"),
    ("wall", "wall-other-merged"), ("wall", "wall-brick"), ("wall", "wall-stone"),
    ("wall", "wall-tile"), ("wall", "wall-wood"), ("floor", "floor-other-merged"),
    ("floor", "floor-wood"), ("light", "traffic light"), ("building", "house"),
  ]

  /// Words that mean a part of a category: a map that shows two people does not say how many are women.
  public static let narrower: [(noun: String, category: String)] = [
    ("man", "person"), ("woman", "person"), ("boy", "person"), ("girl", "person"), ("child", "person"),
    ("kid", "person"), ("adult", "person"), ("baby", "person"), ("player", "person"), ("pedestrian", "person"),
    ("lady", "person"), ("gentleman", "person"), ("guy", "person"), ("teenager", "person"),
    ("toddler", "person"),
    ("infant", "person"), ("football", "sports ball"), ("baseball", "sports ball"),
    ("basketball", "sports ball"), ("soccer ball", "sports ball"), ("tennis ball", "sports ball"),
    ("calf", "cow"), ("bull", "cow"), ("kitten", "cat"), ("puppy", "dog"), ("lamb", "sheep"),
    ("pony", "horse"), ("foal", "horse"), ("ship", "boat"), ("lamp", "light"), ("monitor", "tv"),
    ("desk", "dining table"), ("sunshade", "umbrella"), ("parasol", "umbrella"), ("tangerine", "orange"),
    ("taxi", "car"), ("cab", "car"), ("pickup", "truck"), ("pickup truck", "truck"), ("jet", "airplane"),
    ("sailboat", "boat"), ("rowboat", "boat"), ("ferry", "boat"), ("yacht", "boat"), ("scooter", "motorcycle"),
    ("armchair", "chair"), ("stool", "chair"),
  ]

  /// Other categories that such a word is a part of as well: with elephants in a picture, "no calves" would be more than
  /// the map says. Not asked with.
  static let alsoNarrower: [(noun: String, category: String)] = [
    ("desk", "table-merged"), ("calf", "elephant"), ("calf", "giraffe"), ("bull", "elephant"),
    ("foal", "zebra"),
  ]

  /// Words that mean a category and more than it.
  public static let wider: [(noun: String, category: String)] = [
    ("screen", "tv"), ("bag", "handbag"), ("computer", "laptop"), ("racket", "tennis racket"),
    ("racquet", "tennis racket"),
  ]

  /// All that is understood in a question, and never asked with.
  public static var loose: [(noun: String, category: String)] { forms + narrower + alsoNarrower + wider }
}

/// Words that mean several categories at once: "animals", "fruit", "furniture".
public enum CategoryGroups {
  /// A noun, and the categories that it covers.
  public struct Group: Sendable {
    /// "animal", "fruit"
    public let noun: Noun
    /// By their full names.
    public let members: Set<String>

    init(_ word: String, _ grammar: Noun.Grammar = .countable, of members: some Sequence<String>) {
      noun = Noun(word, grammar)
      self.members = Set(members)
    }
  }

  /// Members of the group "animal", by their names.
  public static let animals: Set<String> = [
    "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe",
  ]
  private static let fruit = ["apple", "orange", "banana", "fruit"]
  private static let vegetables = ["broccoli", "carrot"]
  private static let dishes = ["sandwich", "hot dog", "pizza", "donut", "cake"]
  private static let cutlery = ["fork", "knife", "spoon"]
  /// Members of the group "food", by their full names.
  public static let food = Set(fruit + vegetables + dishes + ["food-other-merged"])
  /// Members of the group "seat".
  public static let seats: Set<String> = ["chair", "couch", "bench"]
  private static let devices = ["tv", "laptop", "mouse", "remote", "keyboard", "cell phone"]
  private static let appliances = ["microwave", "oven", "toaster", "refrigerator"]

  /// Every group, in the order in which questions are drawn from them.
  public static let all = [
    Group("animal", of: animals),
    Group("pet", of: ["cat", "dog"]),
    Group("vehicle", of: ["bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"]),
    Group("fruit", .mass, of: fruit),
    Group("vegetable", of: vegetables),
    Group("food", .mass, of: food),
    Group("snack", of: dishes),
    Group(
      "furniture", .mass,
      of: ["chair", "couch", "bed", "dining table", "table-merged", "bench", "cabinet-merged", "shelf"]),
    Group("seat", of: seats),
    Group("cutlery", .mass, of: cutlery),
    Group("tableware", .mass, of: cutlery + ["cup", "bowl", "wine glass"]),
    Group("device", of: devices),
    Group("electronic device", of: devices),
    Group("appliance", of: appliances),
    Group("kitchen appliance", of: appliances),
    Group("luggage", .mass, of: ["backpack", "handbag", "suitcase"]),
    Group(
      "sports equipment", .mass,
      of: [
        "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard",
        "surfboard",
        "tennis racket",
      ]),
  ]
}
