/// What people call categories besides their names.
enum EverydayNames {
  /// Another word for the same: questions are asked with them, too.
  static let exact: [(noun: String, category: String)] = [
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
  static let forms: [(noun: String, category: String)] = [
    ("persons", "person"), ("hairdryer", "hair drier"), ("pair of scissors", "scissors"),
    ("pair of skis", "skis"), ("ski", "skis"), ("table", "dining table"), ("table", "table-merged"),
    ("wall", "wall-other-merged"), ("wall", "wall-brick"), ("wall", "wall-stone"),
    ("wall", "wall-tile"), ("wall", "wall-wood"), ("floor", "floor-other-merged"),
    ("floor", "floor-wood"),
  ]

  /// Words that mean a part of a category: a map that shows two people does not say how many are women.
  static let narrower: [(noun: String, category: String)] = [
    ("man", "person"), ("woman", "person"), ("boy", "person"), ("girl", "person"), ("child", "person"),
    ("kid", "person"), ("adult", "person"), ("baby", "person"), ("player", "person"), ("pedestrian", "person"),
    ("lady", "person"), ("gentleman", "person"), ("guy", "person"), ("teenager", "person"),
    ("toddler", "person"),
    ("infant", "person"), ("football", "sports ball"), ("baseball", "sports ball"),
    ("basketball", "sports ball"), ("soccer ball", "sports ball"), ("tennis ball", "sports ball"),
    ("calf", "cow"), ("bull", "cow"), ("kitten", "cat"), ("puppy", "dog"), ("lamb", "sheep"),
    ("pony", "horse"), ("foal", "horse"), ("ship", "boat"), ("lamp", "light"), ("monitor", "tv"),
    ("desk", "dining table"), ("sunshade", "umbrella"), ("parasol", "umbrella"), ("tangerine", "orange"),
  ]

  /// Words that mean a category and more than it.
  static let wider: [(noun: String, category: String)] = [
    ("screen", "tv"), ("bag", "handbag"), ("computer", "laptop"), ("racket", "tennis racket"),
  ]

  /// All that is understood, but not used.
  static var loose: [(noun: String, category: String)] { forms + narrower + wider }
}
