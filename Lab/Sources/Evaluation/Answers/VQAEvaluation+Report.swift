import Questions

extension VQAEvaluation: Encodable {
  private struct Row: Encodable {
    var asked: Int
    var accuracy: Double?
    var words_right: Double?
    var exact_match: Double?
    var unparsed: Int
    /// Of lists and descriptions: pieces said that are right, and pieces of the truth that are said.
    var fact_precision: Double?
    var fact_recall: Double?

    init(_ tally: Tally) {
      asked = tally.asked
      accuracy = tally.accuracy
      words_right = tally.wordAccuracy
      exact_match = tally.exactMatch
      unparsed = tally.unparsed
      fact_precision = tally.facts.precision
      fact_recall = tally.facts.recall
    }
  }

  private struct Family: Encodable {
    var all: Row
    var kept: Row
    var held_out: Row
    var wordings: [String: Row]
  }

  private struct Report: Encodable {
    var all: Row
    var kept: Row
    var held_out: Row
    var families: [String: Family]
  }

  /// Figures are fractions.
  public func encode(to encoder: any Encoder) throws {
    let families = families.map { family in
      let wordings = tallies.filter { $0.key.family == family }
        .map { (String($0.key.wording), Row($0.value)) }
      return (
        family.rawValue,
        Family(
          all: Row(tally { $0.family == family }),
          kept: Row(tally { $0.family == family && !$0.isHeldOut }),
          held_out: Row(tally { $0.family == family && $0.isHeldOut }),
          wordings: Dictionary(wordings, uniquingKeysWith: { first, _ in first }))
      )
    }
    let report = Report(
      all: Row(tally()), kept: Row(tally { !$0.isHeldOut }), held_out: Row(tally { $0.isHeldOut }),
      families: Dictionary(families, uniquingKeysWith: { first, _ in first }))
    try report.encode(to: encoder)
  }

  /// Figures in percent, a row a family.
  public var table: String {
    var table = TextTable([
      "", "asked", "right", "words right", "exact", "unparsed", "known wording", "new wording", "facts right",
      "facts said",
    ])
    func row(_ name: String, _ isMeant: @escaping (WordingKey) -> Bool) {
      let tally = tally(where: isMeant)
      table.add(
        name, String(tally.asked), .percent(tally.accuracy), .percent(tally.wordAccuracy),
        .percent(tally.exactMatch), String(tally.unparsed),
        .percent(self.tally { isMeant($0) && !$0.isHeldOut }.accuracy),
        .percent(self.tally { isMeant($0) && $0.isHeldOut }.accuracy), .percent(tally.facts.precision),
        .percent(tally.facts.recall))
    }
    for family in families { row(family.rawValue) { $0.family == family } }
    row("all") { _ in true }
    return table.text
  }
}
