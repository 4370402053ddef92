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

  /// Words that mean a part of a category or more than it: understood, but not used.
  static let loose: [(noun: String, category: String)] = [
    ("man", "person"), ("woman", "person"), ("boy", "person"), ("girl", "person"),
    ("child", "person"), ("kid", "person"), ("adult", "person"), ("baby", "person"),
    ("persons", "person"), ("player", "person"), ("pedestrian", "person"), ("table", "dining table"),
    ("table", "table-merged"), ("desk", "dining table"), ("screen", "tv"), ("monitor", "tv"),
    ("football", "sports ball"), ("baseball", "sports ball"), ("basketball", "sports ball"),
    ("soccer ball", "sports ball"), ("tennis ball", "sports ball"), ("calf", "cow"), ("bull", "cow"),
    ("kitten", "cat"), ("puppy", "dog"), ("lamb", "sheep"), ("pony", "horse"), ("lamp", "light"),
    ("ship", "boat"), ("bag", "handbag"), ("computer", "laptop"), ("racket", "tennis racket"),
    ("wall", "wall-other-merged"), ("wall", "wall-brick"), ("wall", "wall-stone"),
    ("wall", "wall-tile"), ("wall", "wall-wood"), ("floor", "floor-other-merged"),
    ("floor", "floor-wood"), ("hairdryer", "hair drier"), ("sunshade", "umbrella"),
    ("parasol", "umbrella"), ("tangerine", "orange"), ("pair of scissors", "scissors"),
    ("pair of skis", "skis"), ("ski", "skis"),
  ]
}
