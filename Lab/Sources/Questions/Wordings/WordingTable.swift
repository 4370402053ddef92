/// The wordings of one family of questions. A wording's number, from 1 on, is its place in
/// the two lists one after the other, so wordings are added at the end of the held-out list, or all data made
/// before has to be made anew.
struct WordingTable: Sendable {
  /// Used at any seed.
  let kept: [Wording]
  /// Used for evaluation only, so that a model can be asked in words that it has never seen.
  let heldOut: [Wording]

  /// A wording, drawn evenly.
  func draw(
    mayBeHeldOut: Bool, using numbers: inout SplitMix64
  ) -> (number: Int, isHeldOut: Bool, wording: Wording)? {
    let choices = mayBeHeldOut ? kept + heldOut : kept
    guard let index = choices.indices.randomElement(using: &numbers) else { return nil }
    return (index + 1, index >= kept.count, choices[index])
  }

  static func + (a: WordingTable, b: WordingTable) -> WordingTable {
    WordingTable(kept: a.kept + b.kept, heldOut: a.heldOut + b.heldOut)
  }
}
