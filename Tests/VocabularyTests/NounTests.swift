import CrayonCore
import Testing
import Vocabulary

/// How categories are spoken of.
@Suite struct NounTests {
  @Test(arguments: [
    ("cup", "cups"), ("wine glass", "wine glasses"), ("knife", "knives"), ("person", "people"),
    ("sheep", "sheep"), ("mouse", "mice"), ("teddy bear", "teddy bears"), ("couch", "couches"),
    ("bus", "buses"), ("toothbrush", "toothbrushes"), ("berry", "berries"), ("boy", "boys"),
    ("shelf", "shelves"), ("key", "keys"),
  ])
  func plurals(one: String, many: String) {
    #expect(Noun(one).many == many)
  }

  @Test(arguments: [
    ("cup", "a cup"), ("apple", "an apple"), ("orange", "an orange"), ("umbrella", "an umbrella"),
    ("unicorn", "a unicorn"), ("grass-merged", "grass"), ("sky-other-merged", "sky"), ("water-other", "water"),
    ("table-merged", "a table"), ("wall-other-merged", "a wall"), ("tree-merged", "a tree"),
    ("scissors", "a pair of scissors"), ("skis", "a pair of skis"), ("stairs", "stairs"),
    ("floor-wood", "a wooden floor"), ("door-stuff", "a door"), ("dining table", "a dining table"),
  ])
  func oneOfACategory(name: String, phrase: String) throws {
    let category = CategoryTable.coco.category(named: name) ?? Category(id: 1, name: name, isThing: true)
    #expect(Noun(category).withArticle == phrase)
  }

  @Test(arguments: [
    ("cup", 0, "no cups"), ("cup", 1, "1 cup"), ("cup", 12, "12 cups"), ("scissors", 1, "1 pair of scissors"),
    ("scissors", 2, "2 pairs of scissors"), ("scissors", 0, "no scissors"), ("person", 2, "2 people"),
    ("grass-merged", 0, "no grass"),
  ])
  func numbers(name: String, number: Int, phrase: String) throws {
    #expect(Noun(try #require(CategoryTable.coco.category(named: name))).counted(number) == phrase)
  }

  @Test func colouredNouns() {
    #expect(Noun("cup").coloured("red").withArticle == "a red cup")
    #expect(Noun("umbrella").coloured("orange").withArticle == "an orange umbrella")
    #expect(Noun("mouse").coloured("grey").counted(2) == "2 grey mice")
    #expect(Noun("scissors", .pair).coloured("red").counted(2) == "2 pairs of red scissors")
  }

  @Test func noCategoryKeepsWhatOnlyCOCOSays() {
    for category in CategoryTable.coco.categories {
      let noun = Noun(category)
      #expect(!noun.one.contains("-") && !noun.many.contains("-"), "\(category.name)")
    }
  }

  @Test func tablesNameCategoriesThatExist() {
    let names =
      EverydayNames.exact.map(\.category) + EverydayNames.loose.map(\.category)
      + CategoryGroups.all.flatMap(\.members)
    let unknown = names.filter { CategoryTable.coco.category(named: $0) == nil }
    #expect(unknown.isEmpty, "\(unknown)")
  }

  @Test(arguments: [
    ("How many wine glasses are there?", ["wine glasses"]),
    ("Are there more zebras than cups?", ["zebras", "cups"]),
    ("What is this?", []), ("", []), ("Where are the 'cups' and ‘bowls’?", ["cups", "bowls"]),
  ])
  func nounsOfAText(text: String, nouns: [String]) {
    #expect(CategoryTable.coco.mentions(in: text).map(\.phrase) == nouns)
  }

  /// What a vocabulary has no category for, however it writes those that it has.
  @Test(arguments: [
    ("how many wine glasses are there?", []), ("where is the red wine-glass?", []), ("any 'wine glasses'?", []),
    ("is there a tree or a desk?", []), ("where is the mug?", []),
    ("are there more zebras than cups?", ["zebras"]),
    ("what colour is the zebra's tail?", ["zebra"]), ("how many hot dogs?", ["hot dogs"]),
    // What kind of ball, and no fruit; but here are two things.
    ("where is the orange ball?", ["ball"]), ("an orange, ball or cup?", ["orange", "ball"]),
    ("an orange cup?", []),
    ("how many vegetables/animals are there?", ["vegetables"]), ("what is this thing?", []), ("", []),
  ])
  func nounsThatAVocabularyLacks(text: String, nouns: [String]) throws {
    let names = ["Wine_Glass", "Cup", "tree", "table", "dog"]
    let table = try CategoryTable(names.enumerated().map { Category(id: $0 + 1, name: $1, isThing: true) })
    #expect(table.unseenNouns(in: text) == nouns)
    #expect(CategoryTable.coco.unseenNouns(in: text).isEmpty)
  }

  /// Looking at every stretch of words takes hours here.
  @Test(.timeLimit(.minutes(1))) func nounsOfALongText() {
    let text = String(repeating: "some wine glasses and ", count: 5_000)
    #expect(CategoryTable.coco.mentions(in: text).count == 5_000)
    #expect(
      CountingQuestion(parsing: "How many \(text)cups are there?", table: .coco)?.restriction
        == Array(repeating: "some", count: 5_000).joined(separator: " "))
  }
}
