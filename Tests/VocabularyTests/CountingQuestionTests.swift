import CrayonCore
import TestSupport
import Testing
import Vocabulary

/// Which questions ask for a number, and of what.
@Suite struct CountingQuestionTests {
  static func categories(_ question: String) -> [String]? {
    guard let parsed = CountingQuestion(parsing: question, table: .coco),
      case .known(let categories) = parsed.subject, parsed.restriction == nil
    else { return nil }
    return categories.map(\.name)
  }

  @Test(arguments: [
    ("how many cups", "cup"), ("How many cups are there?", "cup"), ("Count the cups.", "cup"),
    ("howmany cups", "cup"), ("how many cups, if any, are there?", "cup"), ("how many dog's are there", "dog"),
    ("how many cups' are there", "cup"), ("number of cups?", "cup"), ("Cups: how many?", "cup"),
    ("how many cup", "cup"), ("HOW MANY CUPS!!", "cup"),
    ("Can you count the cups for me?", "cup"), ("Tell me how many cups there are.", "cup"),
    ("What's the total number of cups in this photo?", "cup"), ("the cups - how many are there?", "cup"),
    ("how many wine glasses can you see", "wine glass"), ("How many knives does the picture show?", "knife"),
    ("how many people are in the image?", "person"), ("how many persons", "person"),
    ("how many men?", "person"),
    ("How many women are there", "person"), ("how many mugs do you see?", "cup"), ("how many sofas", "couch"),
    ("how many phones are visible here?", "cell phone"), ("how many plants", "potted plant"),
    ("how many sheep are there?", "sheep"), ("How many pairs of scissors are there?", "scissors"),
    ("how many scissors", "scissors"), ("how many skis are there?", "skis"), ("how many hot dogs", "hot dog"),
    ("how many dogs?", "dog"), ("how many teddy bears?", "teddy bear"), ("how many bears?", "bear"),
    ("I wonder how many zebras there are", "zebra"), ("how many TVs are there?", "tv"),
    ("how many trees", "tree-merged"), ("how many windows are there?", "window-other"),
    ("how many mice?", "mouse"), ("give me the count of donuts", "donut"), ("counting apples", "apple"),
    ("how many of the oranges are there in total?", "orange"), ("how many sports balls?", "sports ball"),
    // Written in one word for two, and in two for one.
    ("how many cellphones are there?", "cell phone"), ("how many hotdogs", "hot dog"),
    ("Count the teddybears.", "teddy bear"),
    ("how many skate boards are there", "skateboard"), ("how many back-packs?", "backpack"),
    ("how many motor bikes do you see?", "motorcycle"), ("how many aeroplanes?", "airplane"),
    ("how many traffic signals are there?", "traffic light"), ("how many lorries?", "truck"),
    ("how many bats?", "baseball bat"), ("how many cattle are there?", "cow"), ("Number of skis?", "skis"),
    ("the number of sheep", "sheep"),
    ("What is the amount of stairs?", "stairs"), ("no. of cups", "cup"), ("What is the # of cups?", "cup"),
    ("count the number of cups", "cup"), ("Count how many cups there are.", "cup"),
    ("how many cups exactly?", "cup"),
    ("how many cups do you think there are?", "cup"), ("how many doggos?", "dog"),
    ("how many settees?", "couch"),
    ("how many pot plants are there?", "potted plant"),
    // In quotation marks of all kinds.
    ("how many 'cups' are there?", "cup"), ("how many ‘cups’ are there?", "cup"), ("how many ''cups''?", "cup"),
    ("how many \"cups\"?", "cup"), ("how many 'wine glasses' are there?", "wine glass"),
    ("how many 'cups are there?", "cup"),
  ])
  func understood(question: String, category: String) {
    #expect(Self.categories(question) == [category])
  }

  @Test func aWordThatMeansSeveral() {
    #expect(Self.categories("how many tables are there?").map(Set.init) == ["table-merged", "dining table"])
    #expect(Self.categories("how many cups and bowls are there?") == ["cup", "bowl"])
    #expect(Self.categories("how many cups, bowls & forks are there?") == ["cup", "bowl", "fork"])
    for both in [
      "cups/bowls", "cups / bowls", "cups and/or bowls", "cups + bowls", "cups; bowls", "'cups' & 'bowls'",
    ] {
      #expect(Self.categories("how many \(both) are there?") == ["cup", "bowl"], "\(both)")
    }
    #expect(Self.categories("how many pieces of cutlery are there?") == ["fork", "knife", "spoon"])
    #expect(Self.categories("how many things are in the picture?")?.count == 80)
  }

  @Test(arguments: [
    ("How many unicorns are there?", "unicorns"), ("how many washing machines", "washing machines"),
    ("Count the violins.", "violins"), ("dragons: how many?", "dragons"),
    ("how many dogs' tails?", "dogs' tails"), ("how many bus/train stations?", "train stations"),
  ])
  func outsideOfTheVocabulary(question: String, noun: String) {
    #expect(CountingQuestion(parsing: question, table: .coco)?.subject == .unknown(noun: noun))
  }

  @Test(arguments: [
    ("how many red cups are there?", "red"), ("How many cups are on the shelf?", "on the shelf"),
    ("how many people wearing hats", "wearing hats"),
    ("how many cups to the left of the bowl", "to the left of the bowl"),
    ("how many people who sit are there?", "who sit are there"),
    ("how many different animals are there?", "different"), ("how many single beds?", "single"),
    ("how many people have a photo?", "have a photo"),
    ("how many people are in the picture frame?", "in the picture frame"),
    ("how many people are on it?", "on it"), ("how many TVs are on?", "on"), ("how many 'red' cups?", "red"),
    ("how many boys' cups are there?", "boys'"), ("how many people have the ball?", "have the ball"),
  ])
  func narrowedDown(question: String, restriction: String) throws {
    let parsed = try #require(CountingQuestion(parsing: question, table: .coco))
    #expect(parsed.restriction == restriction)
    #expect(parsed.segments(in: try DrawnMap.table()) == nil)
  }

  @Test(arguments: [
    "", "how many", "How many?", "how many are there?", "Where is the cup?", "Is there a cup?", "cups",
    "Are there more cups than bowls?", "how many more cups than bowls are there?",
    "how many of them are there?", "don't count the cups", "never count the cups", "count 'em",
    "how many of each?",
    "Look at the dogs. How many are there?", "where are the cups and how many are there?",
    // Written on it, and no count.
    "what is the number of the bus?", "what is the phone number of the person?",
    "the licence plate number of the cars",
    "the counter is white", "what is on the count", "🐑", "how many \u{0}", "number of",
  ])
  func notForCounting(question: String) {
    if let parsed = CountingQuestion(parsing: question, table: .coco) {
      Issue.record("understood as \(parsed.subject)")
    }
  }

  @Test func theSegmentsThatAreCounted() throws {
    let map = try DrawnMap.table()
    func ids(_ question: String) -> [Int32]? {
      CountingQuestion(parsing: question, table: .coco)?.segments(in: map)?.map(\.id)
    }
    #expect(ids("how many cups?") == [1, 2, 3])
    #expect(ids("how many dogs?") == [])
    #expect(ids("how many unicorns?") == nil)
    let crowd = try DrawnMap.map(["ab"], ["a": "cup", "b": "cup"], crowds: ["b"])
    #expect(CountingQuestion(parsing: "how many cups?", table: .coco)?.segments(in: crowd) == nil)
  }

  /// Grass is one segment, and no number.
  @Test func stuffIsNotCounted() throws {
    let map = try DrawnMap.table()
    func segments(_ question: String) -> [Segment]? {
      CountingQuestion(parsing: question, table: .coco)?.segments(in: map)
    }
    #expect(Self.categories("how many dirts are there?") == ["dirt-merged"])
    #expect(segments("how many grasses?") == nil && segments("count the grass") == nil)
    #expect(segments("how many tables are there?") == nil)
    #expect(segments("how many trees?") == [] && segments("how many dirts?") == [])
  }

  /// A table with a person, a dog and a cup, so that words that mean a part of these could be counted wrongly.
  static func number(_ question: String) throws -> Int? {
    let map = try DrawnMap.map(
      ["aabbccdd"], ["a": "person", "b": "dog", "c": "cup", "d": "laptop"])
    return CountingQuestion(parsing: question, table: .coco)?.segments(in: map)?.count
  }

  @Test(arguments: [
    "women", "men", "children", "babies", "kids", "boys", "girls", "adults", "players", "pedestrians", "ladies",
    "gentlemen", "guys", "teenagers", "toddlers", "infants", "puppies", "computers", "screens", "bags",
    "rackets", "racquets", "bats", "vegetables", "appliances", "devices", "pets", "luggage",
    "pieces of luggage",
  ])
  func aWordThatMeansMoreOrLessIsNoCount(word: String) throws {
    #expect(try Self.number("how many \(word) are there?") == nil)
    #expect(try Self.number("Count the \(word).") == nil)
  }

  @Test(arguments: [
    ("people", 1), ("persons", 1), ("humans", 1), ("dogs", 1), ("cups", 1), ("mugs", 1), ("laptops", 1),
    // Where there is none of the category, there is none of a part of it.
    ("tennis balls", 0), ("kittens", 0), ("ponies", 0), ("calves", 0), ("lambs", 0), ("ships", 0),
    // By the rule alone.
    ("knifes", 0), ("sheeps", 0), ("busses", 0), ("mouses", 0), ("shelfs", 0),
  ])
  func aWordThatMeansItsCategoryIsCounted(word: String, number: Int) throws {
    #expect(try Self.number("how many \(word) are there?") == number)
  }

  @Test func theReasonIsGiven() throws {
    let map = try DrawnMap.map(["aab"], ["a": "person", "b": "cup"])
    func obstacle(_ question: String) throws -> String? {
      guard
        case .unknown(let obstacle) = try #require(CountingQuestion(parsing: question, table: .coco)).count(
          in: map)
      else { return nil }
      return obstacle.description
    }
    #expect(try obstacle("how many women?") == "“women” means less than the map's category “person”")
    #expect(try obstacle("how many bags?") == "“bags” means more than the map's category “handbag”")
    #expect(try obstacle("how many red cups?") == "the map says nothing of “red”")
    #expect(try obstacle("how many unicorns?") == "the map has no category for “unicorns”")
    #expect(
      try obstacle("how many vegetables?")
        == "“vegetables” means more than the map's categories “broccoli”, “carrot”")
    #expect(try obstacle("how many people?") == nil)
  }

  /// A vocabulary that has the narrower word for itself counts it.
  @Test func aVocabularyMayHaveTheWordItself() throws {
    let table = try CategoryTable([
      Category(id: 1, name: "person", isThing: true), Category(id: 2, name: "child", isThing: true),
    ])
    let question = try #require(CountingQuestion(parsing: "how many children?", table: table))
    #expect(question.subject == .known([table.categories[1]]) && question.inexact.isEmpty)
  }

  /// What a vocabulary of a person's own means by a question; nil where its map would be no count.
  static func categories(_ question: String, of names: [String]) throws -> [String]? {
    let table = try CategoryTable(
      names.enumerated().map { Category(id: $0 + 1, name: $1, isThing: true) })
    let parsed = try #require(CountingQuestion(parsing: question, table: table))
    guard case .known(let categories) = parsed.subject, parsed.inexact.isEmpty else { return nil }
    return categories.map(\.name)
  }

  @Test(
    arguments: [
      // Its own words are not another's.
      ("mugs", ["mug", "cup"], ["mug"]), ("cups", ["mug", "cup"], ["cup"]),
      ("bikes", ["bike", "motorcycle"], ["bike"]), ("plants", ["plant", "tree"], ["plant"]),
      ("skis", ["ski"], ["ski"]),
      // However it writes them.
      ("mugs", ["Cup"], ["Cup"]), ("wineglasses", ["Wine_Glass"], ["Wine_Glass"]),
      ("carpets", ["rug"], ["rug"]),
      // Of a group it has some, all, or a category for the others.
      ("vehicles", ["car", "bus"], nil), ("cutlery", ["fork", "knife", "spoon"], ["fork", "knife", "spoon"]),
      ("fruits", ["fruit", "apple"], ["fruit", "apple"]),
      ("vegetables", ["carrot", "vegetable"], ["carrot", "vegetable"]), ("lights", ["traffic light"], nil),
    ] as [(String, [String], [String]?)])
  func wordsOfASmallVocabulary(word: String, names: [String], meant: [String]?) throws {
    #expect(try Self.categories("how many \(word) are there?", of: names).map(Set.init) == meant.map(Set.init))
  }

  @Test func aSmallerVocabularyKnowsLess() throws {
    let table = try CategoryTable([Category(id: 1, name: "cup", isThing: true)])
    #expect(CountingQuestion(parsing: "how many dogs?", table: table)?.subject == .unknown(noun: "dogs"))
    #expect(
      CountingQuestion(parsing: "how many mugs?", table: table)?.subject == .known(table.categories))
  }

  @Test func anyTextIsSurvived() {
    var numbers = SeededNumbers(seed: 5)
    var empty = 0
    let words = [
      "how", "many", "count", "of", "number", "and", "cups", "the", "are", "x", "-", "2", ",", "pairs",
    ]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...8, using: &numbers))
        .map { _ in words[Int.random(in: 0..<words.count, using: &numbers)] }.joined(separator: " ")
      if case .known(let categories) = CountingQuestion(parsing: text, table: .coco)?.subject {
        if categories.isEmpty { empty += 1 }
      }
    }
    #expect(empty == 0)
  }

  /// A word that now and then means another category is a number only where the map has none of that.
  @Test(arguments: [
    ("bikes", "bicycle", "motorcycle"), ("plants", "potted plant", "tree-merged"),
    ("plants", "potted plant", "flower"), ("bears", "bear", "teddy bear"),
  ])
  func aWordForEither(word: String, usual: String, other: String) throws {
    let question = try #require(CountingQuestion(parsing: "how many \(word) are there?", table: .coco))
    #expect(question.segments(in: try DrawnMap.map(["ab"], ["a": usual, "b": usual]))?.count == 2)
    for map in [
      try DrawnMap.map(["b"], ["b": other]), try DrawnMap.map(["ab"], ["a": usual, "b": other]),
    ] {
      guard case .unknown(let obstacle) = question.count(in: map) else {
        Issue.record("counted among \(map.segments.count)")
        continue
      }
      #expect(obstacle.description == "“\(word)” can mean the map's category “\(other)”, too")
    }
  }

  /// Of skis, a pair is one segment; of scissors, a pair is one.
  @Test func pairs() throws {
    let map = try DrawnMap.map(["ab"], ["a": "skis", "b": "scissors"])
    func count(_ question: String) -> Int? {
      CountingQuestion(parsing: question, table: .coco)?.segments(in: map)?.count
    }
    #expect(count("how many skis are there?") == nil && count("how many ski are there?") == nil)
    #expect(count("how many pairs of skis are there?") == 1)
    #expect(count("how many scissors are there?") == 1 && count("how many pairs of scissors?") == 1)
    #expect(
      CountingQuestion(parsing: "how many skis?", table: .coco)?.segments(in: try DrawnMap.table())?.count == 0)
  }

  /// A word for a part of several categories is no number where there is one of any.
  @Test func partsOfSeveral() throws {
    let map = try DrawnMap.map(["aabb"], ["a": "elephant", "b": "table-merged"])
    func count(_ question: String) -> Int? {
      CountingQuestion(parsing: question, table: .coco)?.segments(in: map)?.count
    }
    for word in ["calves", "bulls", "desks"] { #expect(count("how many \(word) are there?") == nil, "\(word)") }
    #expect(count("how many foals are there?") == 0)
  }
}
