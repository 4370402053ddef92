/// Words that mean several categories at once: "animals", "fruit", "furniture".
enum CategoryGroups {
  struct Group {
    var noun: Noun
    /// By their full names.
    var members: Set<String>

    init(_ word: String, _ grammar: Noun.Grammar = .countable, of members: [String]) {
      noun = Noun(word, grammar)
      self.members = Set(members)
    }
  }

  static let animals: Set<String> = [
    "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe",
  ]
  private static let fruit = ["apple", "orange", "banana", "fruit"]
  private static let vegetables = ["broccoli", "carrot"]
  private static let dishes = ["sandwich", "hot dog", "pizza", "donut", "cake"]

  static let all = [
    Group("animal", of: animals.sorted()),
    Group("pet", of: ["cat", "dog"]),
    Group("vehicle", of: ["bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"]),
    Group("fruit", .mass, of: fruit),
    Group("vegetable", of: vegetables),
    Group("food", .mass, of: fruit + vegetables + dishes + ["food-other-merged"]),
    Group("snack", of: dishes),
    Group(
      "furniture", .mass,
      of: ["chair", "couch", "bed", "dining table", "table-merged", "bench", "cabinet-merged", "shelf"]),
    Group("seat", of: ["chair", "couch", "bench"]),
    Group("cutlery", .mass, of: ["fork", "knife", "spoon"]),
    Group("device", of: ["tv", "laptop", "mouse", "remote", "keyboard", "cell phone"]),
    Group("kitchen appliance", of: ["microwave", "oven", "toaster", "refrigerator"]),
    Group(
      "sports equipment", .mass,
      of: [
        "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard",
        "surfboard",
        "tennis racket",
      ]),
  ]
}
