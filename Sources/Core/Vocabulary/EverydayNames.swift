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
    ("pair of skis", "skis"), ("table", "dining table"), ("table", "table-merged"),
    ("folk", "person"), ("human being", "person"), ("kitty", "cat"), ("doggy", "dog"), ("doggie", "dog"),
    ("doggo", "dog"), ("cattle", "cow"), ("settee", "couch"), ("pot plant", "potted plant"),
    ("push bike", "bicycle"), ("mobile", "cell phone"), ("knapsack", "backpack"),
    ("aeroplane", "airplane"), ("lorry", "truck"), ("traffic signal", "traffic light"),
    ("stoplight", "traffic light"), ("cellular phone", "cell phone"),
    ("baseball mitt", "baseball glove"), ("telly", "tv"), ("television set", "tv"), ("tv set", "tv"),
    ("wall", "wall-other-merged"), ("wall", "wall-brick"), ("wall", "wall-stone"),
    ("wall", "wall-tile"), ("wall", "wall-wood"), ("floor", "floor-other-merged"),
    ("floor", "floor-wood"), ("building", "house"),
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

  /// More of these, and other categories that such a word is a part of as well: with elephants in a picture, "no calves"
  /// would be more than the map says. Not asked with.
  static let alsoNarrower: [(noun: String, category: String)] = [
    ("desk", "table-merged"), ("calf", "elephant"), ("calf", "giraffe"), ("bull", "elephant"),
    ("foal", "zebra"), ("gent", "person"), ("chap", "person"), ("bloke", "person"), ("cyclist", "person"),
    ("skier", "person"), ("pup", "dog"), ("duck", "bird"), ("seagull", "bird"), ("pigeon", "bird"),
    ("van", "car"), ("van", "truck"), ("van", "bus"),
  ]

  /// Words that mean a category and more than it.
  public static let wider: [(noun: String, category: String)] = [
    ("screen", "tv"), ("bag", "handbag"), ("computer", "laptop"), ("racket", "tennis racket"),
    ("racquet", "tennis racket"), ("bat", "baseball bat"),
  ]

  /// Words for each of the two that a category has in one segment.
  static let halves: [(noun: String, category: String)] = [("ski", "skis")]

  /// Words that may mean another category than the usual one: where a map has the other, too, "bikes" are no count.
  static let ambiguous: [(noun: String, usual: String, other: String)] = [
    ("bike", "bicycle", "motorcycle"), ("plant", "potted plant", "tree-merged"),
    ("plant", "potted plant", "flower"), ("plant", "potted plant", "grass-merged"),
    ("flower", "flower", "potted plant"), ("light", "light", "traffic light"), ("bear", "bear", "teddy bear"),
  ]

  /// All that is understood in a question, and never asked with.
  public static var loose: [(noun: String, category: String)] {
    forms + narrower + alsoNarrower + wider + halves
      + ambiguous.flatMap { [($0.noun, $0.usual), ($0.noun, $0.other)] }
  }
}

/// Words that mean several categories at once: "animals", "fruit", "furniture".
public enum CategoryGroups {
  /// A noun, and the categories that it covers.
  public struct Group: Sendable {
    /// "animal", "fruit"
    public let noun: Noun
    /// By their full names.
    public let members: Set<String>
    /// Whether people mean much by it that COCO has no category for: plates are tableware.
    let isOpen: Bool
    /// What it is counted in, besides by itself: pieces of furniture.
    let unit: String?

    init(
      _ word: String, _ grammar: Noun.Grammar = .countable, isOpen: Bool = false, unit: String? = nil,
      of members: some Sequence<String>
    ) {
      noun = Noun(word, grammar)
      self.members = Set(members)
      self.isOpen = isOpen
      self.unit = unit
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
    Group("pet", isOpen: true, of: ["cat", "dog"]),
    Group("vehicle", of: ["bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"]),
    Group("fruit", .mass, unit: "piece", of: fruit),
    Group("vegetable", isOpen: true, of: vegetables),
    Group("food", .mass, of: food),
    Group("snack", isOpen: true, of: dishes),
    Group(
      "furniture", .mass, unit: "piece",
      of: ["chair", "couch", "bed", "dining table", "table-merged", "bench", "cabinet-merged", "shelf"]),
    Group("seat", isOpen: true, of: seats),
    Group("cutlery", .mass, unit: "piece", of: cutlery),
    Group("tableware", .mass, isOpen: true, of: cutlery + ["cup", "bowl", "wine glass"]),
    Group("device", isOpen: true, of: devices),
    Group("electronic device", isOpen: true, of: devices),
    Group("appliance", isOpen: true, of: appliances),
    Group("kitchen appliance", isOpen: true, of: appliances),
    Group("luggage", .mass, isOpen: true, unit: "piece", of: ["backpack", "handbag", "suitcase"]),
    Group(
      "sports equipment", .mass, isOpen: true, unit: "piece",
      of: [
        "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard",
        "surfboard",
        "tennis racket",
      ]),
  ]
}
