import CrayonCore
import Testing

@Suite struct CategoryTableTests {
  @Test func cocoHasEightyThingsAndThenFiftyThreeKindsOfStuff() throws {
    let categories = CategoryTable.coco.categories
    #expect(categories.count == 133)
    #expect(categories.prefix(80).allSatisfy { $0.isThing })
    #expect(!categories.dropFirst(80).contains { $0.isThing })
    // Unique, as for any table that is read.
    #expect(try CategoryTable(categories) == .coco)
    #expect(CategoryTable.coco.category(id: 47)?.name == "cup")
    #expect(CategoryTable.coco.category(named: "rug-merged")?.id == 200)
  }

  @Test func idsAndNamesStandOnce() {
    let cup = Category(id: 1, name: "cup", isThing: true)
    #expect(throws: CategoryTableError.duplicateID(1)) {
      try CategoryTable([cup, Category(id: 1, name: "bowl", isThing: true)])
    }
    #expect(throws: CategoryTableError.duplicateName("cup")) {
      try CategoryTable([cup, Category(id: 2, name: "cup", isThing: true)])
    }
    #expect(throws: CategoryTableError.emptyName(id: 3)) {
      try CategoryTable([Category(id: 3, name: "", isThing: true)])
    }
  }

  struct Joining: Sendable {
    var own: [String: Int]
    var other: [String: Int]
    var joined: [String: Int]
  }

  /// Tables meet by name, whatever their ids say.
  @Test(arguments: [
    Joining(own: [:], other: ["rust": 1], joined: ["rust": 1]),
    Joining(own: ["rust": 1], other: [:], joined: ["rust": 1]),
    Joining(own: ["rust": 1], other: ["rust": 7], joined: ["rust": 1]),
    Joining(own: ["rust": 1], other: ["paint": 2], joined: ["rust": 1, "paint": 2]),
    Joining(own: ["rust": 1], other: ["crack": 1], joined: ["rust": 1, "crack": 2]),
    Joining(own: ["rust": 1, "paint": 2], other: ["rust": 2, "paint": 1], joined: ["rust": 1, "paint": 2]),
    Joining(own: ["rust": 2], other: ["crack": 2], joined: ["rust": 2, "crack": 1]),
    Joining(own: ["a": 1, "b": 3], other: ["c": 3, "d": 1], joined: ["a": 1, "b": 3, "c": 2, "d": 4]),
    Joining(own: ["a": .max], other: ["b": .max], joined: ["a": .max, "b": 1]),
    Joining(own: ["a": 0, "b": -1], other: ["c": 0, "d": -1], joined: ["a": 0, "b": -1, "c": 1, "d": 2]),
  ])
  func tablesAreJoinedByName(joining: Joining) throws {
    func table(_ ids: [String: Int]) throws -> CategoryTable {
      try CategoryTable(ids.sorted { $0.key < $1.key }.map { Category(id: $1, name: $0, isThing: true) })
    }
    let joined = try table(joining.own).joined(with: table(joining.other))
    #expect(Dictionary(uniqueKeysWithValues: joined.categories.map { ($0.name, $0.id) }) == joining.joined)
    // Once more changes nothing.
    #expect(try joined.joined(with: table(joining.other)) == joined)
  }

  @Test func aThingIsNoStuff() throws {
    let table = try CategoryTable([Category(id: 1, name: "cup", isThing: true)])
    let other = try CategoryTable([Category(id: 1, name: "cup", isThing: false)])
    #expect(throws: CategoryTableError.differentKinds(name: "cup")) { try table.joined(with: other) }
    #expect(!table.isWithin(other) && table.isWithin(table))
  }
}
