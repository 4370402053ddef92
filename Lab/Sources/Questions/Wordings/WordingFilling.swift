/// What stands in a wording's slots.
struct WordingFilling: Sendable {
  var noun: NounPhrase?
  var other: NounPhrase?
  var relation = ""
  var colour = ""

  static let region = "[1]"

  subscript(slot: Wording.Slot) -> String {
    switch slot {
    case .one: noun?.noun.one ?? ""
    case .many: noun?.noun.many ?? ""
    case .a: noun?.noun.withArticle ?? ""
    case .any: "any " + (noun?.noun.many ?? "")
    case .the: noun?.definite ?? ""
    case .areMany: Self.be(noun?.noun.manyIsPlural)
    case .isA: Self.be(noun?.noun.articleIsPlural)
    case .isThe: Self.be(noun?.definiteIsPlural)
    case .otherMany: other?.noun.many ?? ""
    case .otherThe: other?.definite ?? ""
    case .relation: relation
    case .colour: colour
    case .region: Self.region
    }
  }

  private static func be(_ isPlural: Bool?) -> String { isPlural == true ? "are" : "is" }
}
