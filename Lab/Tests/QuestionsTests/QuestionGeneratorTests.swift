import CrayonCore
import Scenes
import TestSupport
import Testing
import Vocabulary

@testable import Questions

/// Questions are true of the map, and not to be guessed.
@Suite struct QuestionGeneratorTests {
  static let generator = QuestionGenerator(misspells: false)

  static func questions(
    _ map: PanopticMap, attributes: [Int32: SegmentAttributes] = [:], seeds: ClosedRange<UInt64> = 1...500
  ) -> [Question] {
    seeds.flatMap { generator.questions(about: map, attributes: attributes, count: 10, seed: $0) }
  }

  static func layouts(_ seeds: ClosedRange<UInt64>) throws -> [(map: PanopticMap, questions: [Question])] {
    let layouts = try LayoutGenerator(width: 64, height: 64)
    return try seeds.map { seed in
      let map = try layouts.layout(seed: seed)
      return (map, generator.questions(about: map, count: 10, seed: seed))
    }
  }

  @Test func theSameSeedAsksTheSame() throws {
    let map = try DrawnMap.table()
    let questions = Self.generator.questions(about: map, count: 10, seed: 7)
    #expect(questions.count == 10)
    #expect(questions == Self.generator.questions(about: map, count: 10, seed: 7))
    #expect(questions != Self.generator.questions(about: map, count: 10, seed: 8))
  }

  @Test func countsAreThoseThatThePlainReadingOfTheQuestionGives() throws {
    var seen: Set<Int> = []
    for (map, questions) in try Self.layouts(1...300) {
      for question in questions where question.family == .count {
        let parsed = try #require(CountingQuestion(parsing: question.question, table: .coco))
        // "… in the room", of which a map knows nothing; and "bikes", where there is a motorcycle, too.
        guard parsed.restriction == nil, !Self.isInexact(parsed, in: map) else { continue }
        let counted = try #require(parsed.segments(in: map)).count
        #expect(question.value == String(counted), "\(question.question)")
        let number = counted == 0 ? "no" : counted > 20 ? "more than 20" : String(counted)
        #expect(question.answer.contains(" \(number) "), "\(question.answer)")
        seen.insert(counted)
      }
    }
    #expect(seen.isSuperset(of: 0...15))
  }

  /// Whether a map is no evidence for what the question says, though it has the categories that the answer counts.
  static func isInexact(_ question: CountingQuestion, in map: PanopticMap) -> Bool {
    if case .unknown(.inexact) = question.count(in: map) { true } else { false }
  }

  /// A map shows stuff as one segment, which is no number of trees.
  @Test func stuffIsSaidToBeThereAndNotCounted() throws {
    let map = try DrawnMap.map(
      ["gsta"], ["g": "grass-merged", "s": "stairs", "t": "tree-merged", "a": "cup"])
    let asked = Self.questions(map).filter { $0.family == .stuffCount }
    let there = asked.filter { $0.value == nil }
    #expect(
      Set(there.map(\.answer)) == [
        "There is grass, which is not counted.", "There are stairs, which are not counted.",
        "There is a tree, perhaps more than one.",
      ])
    #expect(
      there.contains { $0.question.contains("grasses") } && there.contains { $0.question.contains("grass ") })
    let absent = asked.filter { $0.value == "0" }
    #expect(Set(absent.compactMap(\.category)).count > 20)
    #expect(absent.allSatisfy { $0.answer.hasPrefix("There is no ") || $0.answer.hasPrefix("There are no ") })
    for question in asked {
      let parsed = try #require(CountingQuestion(parsing: question.question, table: .coco))
      guard case .known(let categories) = parsed.subject else {
        Issue.record("\(question.question)")
        continue
      }
      #expect(categories.contains { $0.name == question.category }, "\(question.question)")
      if question.value == nil { #expect(parsed.segments(in: map) == nil) }
    }
  }

  @Test func everyFamilyAsksAboutWhateverThereIs() throws {
    let layouts = try LayoutGenerator(width: 64, height: 64)
    var categories: [QuestionFamily: Set<String>] = [:]
    for seed in 1...1000 as ClosedRange<UInt64> {
      let map = try layouts.layout(seed: seed)
      for question in Self.generator.questions(about: map, count: 30, seed: seed) {
        let named = [.list, .describe].contains(question.family) ? map.segments.map(\.category.name) : []
        categories[question.family, default: []].formUnion(named + [question.category].compactMap(\.self))
      }
    }
    for family in [.existence, .whereIs, .region, .list, .describe] as [QuestionFamily] {
      #expect(categories[family]?.count == 133, "\(family)")
    }
    for family in [.count, .compare] as [QuestionFamily] {
      #expect(categories[family]?.count == 80, "\(family)")
    }
    #expect(categories[.stuffCount]?.count == 53)
    #expect((categories[.relation]?.count ?? 0) > 110)
  }

  @Test func whatIsSaidToBeThereIsThere() throws {
    var answers: [String: Int] = [:]
    for (map, questions) in try Self.layouts(1...200) {
      let present = Set(map.segments.map(\.category.name))
      for question in questions where question.family == .existence {
        let isThere = present.contains(try #require(question.category))
        #expect(question.answer == (isThere ? "Yes." : "No."))
        #expect(question.polling != nil)
        answers[question.answer, default: 0] += 1
      }
    }
    let (yes, no) = (answers["Yes."] ?? 0, answers["No."] ?? 0)
    #expect(min(yes, no) * 10 > max(yes, no) * 8, "\(answers)")
  }

  @Test func whatMightPassForAnotherIsNotDenied() throws {
    let map = try DrawnMap.map(
      ["abc", "ddd"], ["a": "dining table", "b": "apple", "c": "wall-brick", "d": "sea"])
    let denied = Set(
      Self.questions(map).filter { $0.value == "no" && $0.family == .existence }.compactMap(\.category))
    #expect(denied.count > 50)
    #expect(
      denied.isDisjoint(with: [
        "table-merged", "fruit", "food-other-merged", "wall-other-merged", "water-other",
      ]))
  }

  @Test func comparisonsFollowTheCounts() throws {
    var values: [String: Int] = [:]
    for (map, questions) in try Self.layouts(1...200) {
      for question in questions where question.family == .compare {
        // There are 3 A and 1 B: [fewer|more] A than B. / … : as many A as B.
        let parts = question.answer.dropLast().split(separator: ": ")
        let words = try #require(parts.last).split(separator: " ").map(String.init)
        let middle = try #require(words.lastIndex { $0 == "than" || $0 == "as" })
        let start = words[0] == "as" ? 2 : 1
        func asked(_ noun: ArraySlice<String>) throws -> CountingQuestion {
          try #require(CountingQuestion(parsing: "how many " + noun.joined(separator: " "), table: .coco))
        }
        let both = try [asked(words[start..<middle]), asked(words[(middle + 1)...])]
        guard !both.contains(where: { Self.isInexact($0, in: map) }) else { continue }
        let (a, b) = (
          try #require(both[0].segments(in: map)).count, try #require(both[1].segments(in: map)).count
        )
        #expect(question.value == (a > b ? "more" : a < b ? "fewer" : "equal"), "\(question.answer)")
        let numbers = parts[0].split(separator: " ").compactMap { $0 == "no" ? 0 : Int($0) }
        #expect(numbers == [a, b], "\(question.answer)")
        values[question.value ?? "", default: 0] += 1
      }
    }
    #expect(values.count == 3)
  }

  @Test func oneOfSeveralIsNamedSoThatItCanBeTold() throws {
    let map = try DrawnMap.table()
    let asked = Self.questions(map).filter { $0.family == .whereIs && $0.regions.count == 1 }
    let ids = Dictionary(grouping: asked, by: { $0.answer }).mapValues { Set($0.map { $0.regions[0].id }) }
    #expect(ids["The leftmost cup is at <at>."] == [1])
    #expect(ids["The rightmost cup is at <at>."] == [3])
    #expect(ids["Cup number 2 is at <at>."] == [2])
    #expect(ids["The bowl is at <at>."] == [4])
    #expect(ids["The grass is at <at>."] == [6])
    #expect(ids["The cup is at <at>."] == nil)
  }

  @Test func placesOfAllOfAKind() throws {
    let questions = Self.questions(try DrawnMap.table()).filter {
      $0.family == .whereIs && $0.regions.count > 1
    }
    #expect(!questions.isEmpty)
    for question in questions {
      #expect(question.answer == "The cups are at <at>, <at> and <at>.")
      #expect(question.regions.map(\.id) == [1, 2, 3])
      #expect(question.regions[1].box == PixelBox(x0: 40, y0: 8, x1: 56, y1: 24))
    }
    let many = try DrawnMap.map(
      ["abcdef"], ["a": "cup", "b": "cup", "c": "cup", "d": "cup", "e": "cup", "f": "cup"])
    let answers = Set(
      Self.questions(many).filter { $0.regions.count > 1 && $0.family == .whereIs }.map(\.answer))
    #expect(answers == ["The cups are at <at>, <at>, <at>, <at> and 2 more places."])
  }

  @Test func leftAndRightAboveAndBelow() throws {
    let map = try DrawnMap.map(
      ["a.......", "........", "........", ".......b"], ["a": "cup", "b": "dog"])
    let truths = [
      "left of the": (true, "to its left"), "right of the": (false, "to its right"),
      "above the": (true, "above it"),
      "below the": (false, "below it"), "higher up than": (true, "above it"),
      "lower down than": (false, "below it"),
    ]
    let opposites = [
      "to its left": "to its right", "to its right": "to its left", "above it": "below it",
      "below it": "above it",
    ]
    var found = 0
    for question in Self.questions(map) where question.family == .relation {
      let text = question.question.lowercased()
      guard let (_, (truth, asked)) = truths.first(where: { text.contains($0.key) }) else {
        Issue.record("\(question.question)")
        continue
      }
      let cupComesFirst =
        try #require(text.range(of: "cup")).lowerBound < (try #require(text.range(of: "dog"))).lowerBound
      let value = truth == cupComesFirst ? "yes" : "no"
      #expect(question.value == value, "\(question.question)")
      let (first, second) = cupComesFirst ? ("cup", "dog") : ("dog", "cup")
      let place = value == "yes" ? asked : opposites[asked] ?? ""
      #expect(question.answer == "The \(second) is at <at>, the \(first) at <at> \(place): \(value).")
      #expect(question.regions.map(\.id) == (cupComesFirst ? [2, 1] : [1, 2]))
      found += 1
    }
    #expect(found > 100)
  }

  @Test func whatIsNotClearlyBesideIsNotAsked() throws {
    let map = try DrawnMap.map(["aaaabbbb", "bbbbaaaa"], ["a": "cup", "b": "dog"])
    #expect(Self.questions(map).allSatisfy { $0.family != .relation })
  }

  /// Stuff lies around things: its middle says little of where it is.
  @Test func stuffStandsToAThingOnlyWhereItIsOnOneSideOfIt() throws {
    let map = try DrawnMap.map(
      ["ssssssss", "ssssssss", "..a.....", "gggggggg", "gggggggg"],
      ["a": "cup", "s": "sky-other-merged", "g": "grass-merged"])
    let asked = Self.questions(map).filter { $0.family == .relation }
    #expect(
      Set(asked.map(\.answer)).isSuperset(of: [
        "The sky is at <at>, the cup at <at> below it: yes.",
        "The grass is at <at>, the sky at <at> above it: yes.",
      ]))
    #expect(asked.allSatisfy { !$0.answer.contains("left") && !$0.answer.contains("right") })
  }

  @Test func inFrontOnlyWhereDistancesAreKnown() throws {
    let map = try DrawnMap.map(["a......b"], ["a": "cup", "b": "dog"])
    func depths(_ questions: [Question]) -> [Question] {
      questions.filter { question in
        ["in front of", "closer than", "behind", "farther away than"].contains {
          question.question.contains($0)
        }
      }
    }
    #expect(depths(Self.questions(map)).isEmpty)
    let near = depths(
      Self.questions(map, attributes: [1: .init(distance: 50), 2: .init(distance: 100)]))
    #expect(near.count > 50)
    for question in near {
      let text = question.question.lowercased()
      let cupComesFirst =
        try #require(text.range(of: "cup")).lowerBound < (try #require(text.range(of: "dog"))).lowerBound
      let saysNear = text.contains("in front of") || text.contains("closer than")
      #expect(question.value == (saysNear == cupComesFirst ? "yes" : "no"), "\(question.question)")
      #expect(
        question.answer.contains(
          cupComesFirst ? "the cup at <at> in front of it: " : "the dog at <at> behind it: "))
    }
    #expect(
      depths(Self.questions(map, attributes: [1: .init(distance: 50), 2: .init(distance: 52)])).isEmpty)
  }

  @Test func coloursOnlyWhereTheyAreKnown() throws {
    let map = try DrawnMap.table()
    #expect(Self.questions(map).allSatisfy { !QuestionFamily.ofColours.contains($0.family) })
    let colours = Self.questions(
      map,
      attributes: [1: .init(colour: "red"), 2: .init(), 3: .init(colour: "blue"), 4: .init(colour: "green")]
    ).filter { $0.family == .colour }
    let answers = Set(colours.map(\.answer).filter { !$0.hasPrefix("There are no ") })
    #expect(colours.contains { $0.answer.hasPrefix("There are no ") })
    #expect(
      answers == [
        "The leftmost cup is red.", "Cup number 1 is red.", "The rightmost cup is blue.",
        "Cup number 3 is blue.",
        "The bowl is green.",
      ])
  }

  /// Three cups, red, blue and red, and a green bowl.
  private static func colouredQuestions() throws -> [Question] {
    questions(
      try DrawnMap.table(),
      attributes: [
        1: .init(colour: "red"), 2: .init(colour: "blue"), 3: .init(colour: "red"), 4: .init(colour: "green"),
      ])
  }

  @Test func coloursOfAllOfAKind() throws {
    let asked = try Self.colouredQuestions().filter { $0.family == .colours }
    #expect(Set(asked.map(\.answer)) == ["The cups are red, blue and red."])
    let alike = Self.questions(
      try DrawnMap.map(["a.b"], ["a": "cup", "b": "cup"]),
      attributes: [1: .init(colour: "red"), 2: .init(colour: "red")])
    #expect(
      Set(alike.filter { $0.family == .colours }.map(\.answer)) == ["The cups are both red."])
  }

  @Test func oneThingIsOfAColourOrNot() throws {
    let asked = try Self.colouredQuestions().filter { $0.family == .isColour }
    #expect(Set(asked.compactMap(\.value)) == ["yes", "no"])
    let colours = [
      "leftmost cup": "red", "cup number 1": "red", "cup number 2": "blue", "rightmost cup": "red",
      "cup number 3": "red", "bowl": "green",
    ]
    for question in asked {
      let thing = try #require(colours.first { question.answer.lowercased().contains($0.key) })
      let isSo = question.question.lowercased().contains(thing.value)
      #expect(question.value == (isSo ? "yes" : "no"), "\(question.question)")
      #expect(question.answer.hasSuffix(" is \(thing.value): \(isSo ? "yes" : "no")."))
    }
  }

  @Test func thingsOfAColourAreCountedFoundAndPointedAt() throws {
    let asked = try Self.colouredQuestions().filter { $0.category == "cup" }
    func answers(_ family: QuestionFamily, to words: String) -> Set<String> {
      Set(asked.filter { $0.family == family && $0.question.lowercased().contains(words) }.map(\.answer))
    }
    let colours = "The cups are red, blue and red"
    #expect(answers(.colouredCount, to: "red cups") == ["\(colours): 2 red cups."])
    #expect(answers(.colouredCount, to: "blue") == ["\(colours): 1 blue cup."])
    #expect(answers(.colouredCount, to: "green cups") == ["\(colours): no green cups."])
    #expect(answers(.colouredExistence, to: "blue cup") == ["\(colours): yes."])
    #expect(answers(.colouredExistence, to: "green cup") == ["\(colours): no."])
    #expect(
      answers(.colouredWhere, to: "red cups") == [
        "\(colours): cup number 1 is at <at> and cup number 3 at <at>."
      ])
    #expect(answers(.colouredWhere, to: "blue cup") == ["\(colours): cup number 2 is at <at>."])
    #expect(answers(.colouredWhere, to: "green cup") == ["\(colours): no green cups."])
    #expect(answers(.whichOne, to: "blue") == ["\(colours): cup number 2 is at <at>."])
    for question in asked where [.colouredWhere, .whichOne].contains(question.family) {
      #expect(question.regions.allSatisfy { question.answer.contains("number \($0.id) ") })
    }
  }

  /// Neither of those of which one cannot be told, nor of one that is its colour's name.
  @Test func coloursOfAllOnlyWhereEachIsKnown() throws {
    let some = Self.questions(
      try DrawnMap.table(), attributes: [1: .init(colour: "red"), 3: .init(colour: "blue")])
    let kinds: Set<QuestionFamily> = [.colours, .colouredCount, .colouredExistence, .colouredWhere, .whichOne]
    #expect(some.allSatisfy { !kinds.contains($0.family) || $0.answer.hasPrefix("There are no ") })
    let fruit = Self.questions(
      try DrawnMap.map(["a"], ["a": "orange"]), attributes: [1: .init(colour: "orange")])
    #expect(
      fruit.allSatisfy { !kinds.contains($0.family) || !$0.question.lowercased().contains("orange orange") })
  }

  @Test func regionsAreNamedByWhatFillsThem() throws {
    let map = try DrawnMap.table()
    let regions = Self.questions(map).filter { $0.family == .region }
    #expect(regions.count > 100)
    for question in regions {
      let box = try #require(question.inputRegions.first)
      #expect(question.question.contains("[1]") && question.inputRegions.count == 1)
      var areas: [Int32: Int] = [:]
      for y in box.y0..<box.y1 {
        for x in box.x0..<box.x1 { areas[map.ids[y * map.width + x], default: 0] += 1 }
      }
      let named = map.segments.filter { $0.category.name == question.category }.compactMap { areas[$0.id] }
        .max()
      #expect(named == areas.values.max())
    }
    #expect(Set(regions.map(\.answer)) == ["A cup.", "A bowl.", "A table.", "Grass."])
  }

  /// A thing's own box is about that thing: where another fills it, nobody knows which is meant.
  @Test func theBoxOfAThingIsNotCalledByWhatIsBehindIt() throws {
    let map = try DrawnMap.map(
      ["a......a", ".pppppp.", ".pppppp.", ".pppppp.", ".pppppp.", "a......a"], ["a": "kite", "p": "person"])
    let kite = try #require(map.segments.first { $0.category.name == "kite" }).box
    let regions = Self.questions(map).filter { $0.family == .region }
    #expect(!regions.isEmpty && regions.allSatisfy { $0.inputRegions != [kite] })
  }

  @Test func listsAndDescriptions() throws {
    let questions = Self.questions(
      try DrawnMap.table(), attributes: [1: .init(colour: "red"), 4: .init(colour: "orange")])
    #expect(
      Set(questions.filter { $0.family == .list }.map(\.answer)) == ["3 cups, 1 bowl, a table and grass."])
    let described = questions.filter { $0.family == .describe }
    #expect(
      Set(described.map(\.answer)) == [
        "3 cups <at> <at> <at> and an orange bowl <at>, with a table and grass."
      ])
    #expect(described.allSatisfy { $0.regions.map(\.id) == [1, 2, 3, 4] })
  }

  /// Of many of a kind, and of those in one segment, no places are named.
  @Test func crowdsAreDescribedWithoutPlaces() throws {
    let five = try DrawnMap.map(
      ["a.b.c.d.e.f"],
      ["a": "cup", "b": "cup", "c": "bowl", "d": "cup", "e": "cup", "f": "cup"])
    let crowd = try DrawnMap.map(["a.b"], ["a": "person", "b": "cup"], crowds: ["a"])
    func described(_ map: PanopticMap) -> Set<String> {
      Set(Self.questions(map).filter { $0.family == .describe }.map(\.answer))
    }
    #expect(described(five) == ["5 cups and a bowl <at>."])
    #expect(described(crowd) == ["People and a cup <at>."])
  }

  @Test func noThingIsInvented() throws {
    let stuff = Self.questions(try DrawnMap.map(["gs"], ["g": "grass-merged", "s": "sky-other-merged"]))
    let nothing = Self.questions(try DrawnMap.map(["."], [:]))
    #expect(
      Set(stuff.filter { $0.family == .nothingKnown }.map(\.answer))
        == ["I see none of the things I know, only grass and sky."])
    #expect(
      Set(nothing.filter { $0.family == .nothingKnown }.map(\.answer)) == ["I see none of the things I know."])
    #expect(nothing.allSatisfy { ![.list, .describe, .relation, .compare, .region].contains($0.family) })
    #expect(nothing.filter { $0.family == .count }.allSatisfy { $0.value == "0" })
  }

  @Test func unknownCategories() throws {
    let asked = Self.questions(try DrawnMap.table()).filter { $0.family == .unknownCategory }
    #expect(!asked.isEmpty)
    for question in asked {
      let noun = Noun(try #require(question.value))
      #expect(question.answer == "I do not know what \(noun.withArticle) looks like.")
      #expect(
        question.question.contains(noun.one) || question.question.contains(noun.many)
          || question.question.contains(noun.many.capitalizedSentence))
    }
  }

  @Test func whatIsNotAboutThePictureIsAskedOfAnyPicture() throws {
    for map in [try DrawnMap.table(), try DrawnMap.map(["."], [:])] {
      let asked = Self.questions(map).filter { $0.family == .unrelated }
      #expect(Set(asked.map(\.wording)).count > 10)
      #expect(Set(asked.map(\.answer)) == ["That is not about the picture."])
      #expect(asked.allSatisfy { $0.category == nil && $0.regions.isEmpty && $0.inputRegions.isEmpty })
    }
  }

  @Test func crowdsAreNotCounted() throws {
    let map = try DrawnMap.map(["ab", "cd"], ["a": "cup", "b": "cup", "c": "dog", "d": "dog"], crowds: ["b"])
    let counted = Self.questions(map).filter { [.count, .compare, .list].contains($0.family) }
    #expect(!counted.isEmpty)
    #expect(counted.allSatisfy { $0.category != "cup" && !$0.answer.contains("cup") })
  }

  @Test func wordingsForEvaluationAreKeptFromTraining() throws {
    let map = try DrawnMap.table()
    let training = Self.questions(map, seeds: 999_900...999_999)
    let evaluation = Self.questions(map, seeds: 1_000_000...1_000_199)
    #expect(training.allSatisfy { !$0.isHeldOut && $0.wording <= $0.family.wordings.kept.count })
    #expect(evaluation.allSatisfy { $0.isHeldOut == ($0.wording > $0.family.wordings.kept.count) })
    #expect(evaluation.contains(where: \.isHeldOut) && evaluation.contains { !$0.isHeldOut })
    #expect(training.compactMap(\.value).allSatisfy { !UnknownNouns.heldOut.contains($0) })
    #expect(evaluation.compactMap(\.value).contains { UnknownNouns.heldOut.contains($0) })
  }

  @Test(.enabled(if: Photographs.areThere, "the photographs are not there (CRAYON_COCO_MINI)"))
  func photographs() throws {
    let dataset = try COCOPanoptic(readingJSON: Photographs.folder.appendingPathComponent("panoptic.json"))
    let categories = try dataset.categoryTable()
    for (index, annotation) in dataset.annotations.enumerated() {
      let map = try PanopticMap(
        annotation, in: Photographs.folder.appendingPathComponent("panoptic"), categories: categories)
      let questions = Self.generator.questions(about: map, count: 10, seed: 1_000_000 + UInt64(index))
      #expect(questions.count == 10)
      for question in questions where question.family == .count {
        let parsed = try #require(CountingQuestion(parsing: question.question, table: categories))
        guard parsed.restriction == nil, !Self.isInexact(parsed, in: map) else { continue }
        #expect(parsed.segments(in: map).map { String($0.count) } == question.value, "\(question.question)")
      }
    }
  }
}
