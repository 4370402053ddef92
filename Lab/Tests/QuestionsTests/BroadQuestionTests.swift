import CrayonCore
import TestSupport
import Testing

@testable import Questions

/// What people ask beside single kinds: groups, places, what somebody carries, and what no map can tell.
@Suite struct BroadQuestionTests {
  /// Two dogs, a cat on a table, a hot dog.
  static func kitchen() throws -> PanopticMap {
    try DrawnMap.map(
      ["a..b....", "........", "tttctt..", "tttttt.h"],
      ["a": "dog", "b": "dog", "c": "cat", "h": "hot dog", "t": "dining table"])
  }

  static func street() throws -> PanopticMap {
    try DrawnMap.map(
      ["pb...qu.", "pb...qu."], ["p": "person", "b": "bicycle", "q": "person", "u": "umbrella"])
  }

  static func asked(_ family: QuestionFamily, of map: PanopticMap) -> [Question] {
    (1...400 as ClosedRange<UInt64>).flatMap { seed in
      QuestionGenerator(misspells: false).questions(about: map, count: 30, seed: seed)
    }.filter { $0.family == family }
  }

  /// - Parameter words: in the question; nil for all of the family
  static func answers(_ family: QuestionFamily, of map: PanopticMap, to words: String? = nil) -> Set<String> {
    let asked = asked(family, of: map).filter { question in
      words.map { question.question.lowercased().contains($0) } ?? true
    }
    return Set(asked.map(\.answer))
  }

  @Test func groupsAreNamedAndCountedKindByKind() throws {
    let map = try Self.kitchen()
    #expect(Self.answers(.group, of: map, to: "animal") == ["2 dogs and 1 cat."])
    #expect(Self.answers(.group, of: map, to: "snack") == ["A hot dog."])
    #expect(Self.answers(.group, of: map, to: "vehicle") == ["There are no vehicles."])
    #expect(Self.answers(.groupExistence, of: map, to: "animal") == ["Yes: 2 dogs and 1 cat."])
    #expect(Self.answers(.groupExistence, of: map, to: "vehicle") == ["No."])
    #expect(Self.answers(.groupCount, of: map, to: "animals") == ["2 dogs and 1 cat: 3 animals."])
    #expect(Self.answers(.groupCount, of: map, to: "snacks") == ["There is 1 snack."])
  }

  @Test func whatIsOnSomethingBesideItAndInAPart() throws {
    let map = try Self.kitchen()
    #expect(Self.answers(.onTop, of: map, to: "table") == ["1 cat."])
    #expect(
      Self.answers(.onTopCount, of: map, to: "table").isSuperset(of: ["There is 1 cat on the dining table."]))
    #expect(Self.answers(.beside, of: map, to: "the cat") == ["1 dining table."])
    #expect(Self.answers(.part, of: map, to: "in the lower part") == ["1 cat, 1 hot dog and 1 dining table."])
    #expect(Self.answers(.part, of: map, to: "on the right side") == ["1 hot dog."])
    let left = Self.answers(.partCount, of: map, to: "left")
    #expect(left.isSuperset(of: ["There is 1 dog on the left.", "There are no cats on the left."]))
    #expect(!left.contains("There are 2 dogs on the left."))
  }

  @Test func twoKindsAreCountedInOneAnswer() throws {
    // Of kinds that sound alike, each has its own number; which is said first is as it is asked.
    let answers = Self.answers(.twoCounts, of: try Self.kitchen())
    #expect(answers.isSuperset(of: ["There are 2 dogs and 1 cat.", "There is 1 hot dog and 2 dogs."]))
    #expect(!answers.contains { $0.contains("3 dogs") || $0.contains("1 dog.") })
  }

  @Test func whatPeopleRideIsWhatIsAtThem() throws {
    let map = try Self.street()
    #expect(Self.answers(.doing, of: map, to: "riding") == ["1 bicycle."])
    #expect(Self.answers(.doing, of: map, to: "wearing") == ["Nothing that I know."])
    #expect(Self.answers(.doing, of: map, to: "carrying") == ["1 umbrella."])
    // A cat on a table does none of what cats are asked about.
    #expect(Self.answers(.doing, of: try Self.kitchen(), to: "cat") == ["Nothing that I know."])
    #expect(Self.answers(.who, of: map) == ["There are 2 people."])
    #expect(Self.answers(.anybody, of: map) == ["Yes."])
    #expect(Self.answers(.anybody, of: try Self.kitchen()) == ["No."])
  }

  @Test func whoeverDoesItIsSpokenOfAsOneToo() throws {
    let asked = Self.asked(.doing, of: try Self.street()).map { $0.question.lowercased() }
    #expect(asked.contains { $0.contains("the woman riding") || $0.contains("the man riding") })
    #expect(asked.contains { $0.contains("they riding") || $0.contains("the men riding") })
  }

  /// A plane and a kite in the sky, a bird on the grass, an apple in a bowl.
  private static func outside() throws -> PanopticMap {
    try DrawnMap.map(
      [
        "ssssssssss", "spsssskkss", "ssssssssss", "gggbgggggg", "gggggggggg", "gggggwwwww", "gggggwaaww",
        "gggggwwwww",
      ],
      [
        "s": "sky-other-merged", "p": "airplane", "k": "kite", "g": "grass-merged", "b": "bird", "w": "bowl",
        "a": "apple",
      ])
  }

  @Test func whatIsInTheSkyOnTheGroundAndInABowl() throws {
    let map = try Self.outside()
    #expect(Self.answers(.onTop, of: map, to: "in the sky") == ["1 airplane and 1 kite."])
    #expect(Self.answers(.onTop, of: map, to: "on the grass") == ["1 bird."])
    #expect(Self.answers(.onTop, of: map, to: "in the bowl") == ["1 apple."])
    #expect(
      Self.answers(.onTopCount, of: map, to: "in the sky").isSuperset(of: [
        "There is 1 kite in the sky.", "There is 1 airplane in the sky.",
      ]))
    #expect(!Self.answers(.onTopCount, of: map).contains { $0.contains("bowl in the sky") })
  }

  @Test func whatThingsAreForIsAskedOfKindsThatServe() throws {
    let map = try Self.outside()
    #expect(Self.answers(.purpose, of: map, to: "to eat") == ["1 apple."])
    #expect(Self.answers(.purpose, of: map, to: "to sit on") == ["Nothing that I know."])
    #expect(Self.answers(.purpose, of: try Self.street(), to: "to ride") == ["1 bicycle."])
  }

  @Test func narrowerWordsAreAnsweredHonestly() throws {
    #expect(
      Self.answers(.narrower, of: try Self.street(), to: "women")
        .isSubset(of: ["I see 2 people; I cannot tell whether they are women."]))
    #expect(
      Self.answers(.narrower, of: try Self.kitchen(), to: "kitten")
        .isSubset(of: ["I see 1 cat; I cannot tell whether it is a kitten."]))
    #expect(!Self.asked(.narrower, of: try Self.street()).isEmpty)
  }

  @Test func whatNoMapTellsIsSaidToBeSo() throws {
    let map = try Self.street()
    #expect(Self.answers(.unknowable, of: map) == ["I cannot tell that from the picture."])
    #expect(Self.answers(.otherLanguage, of: map) == ["Please ask me in English."])
  }

  @Test func manyAreMoreThanTwenty() throws {
    let map = try DrawnMap.map(
      ["a.b.c.d.e.f.g", ".h.i.j.k.l.m.", "n.o.p.q.r.s.t", ".u.v........."],
      [
        "a": "chair", "b": "chair", "c": "chair", "d": "chair", "e": "chair", "f": "chair", "g": "chair",
        "h": "chair",
        "i": "chair", "j": "chair", "k": "chair", "l": "chair", "m": "chair", "n": "chair", "o": "chair",
        "p": "chair",
        "q": "chair", "r": "chair", "s": "chair", "t": "chair", "u": "chair", "v": "chair",
      ])
    #expect(map.segments.count > 20)
    #expect(Self.answers(.count, of: map, to: "chairs") == ["There are more than 20 chairs."])
  }

  @Test func peopleWhoAskInAHurryMisspell() throws {
    let map = try Self.kitchen()
    func asked(_ seed: UInt64) -> [String] {
      QuestionGenerator().questions(about: map, count: 20, seed: seed).map(\.question)
    }
    let hurried = (1...100).flatMap { asked($0) }
    #expect(hurried.contains { $0.hasPrefix("Please, ") } && hurried.contains { $0.hasSuffix("???") })
    #expect(asked(1_000_000).allSatisfy { !$0.hasPrefix("Please, ") })
  }
}
