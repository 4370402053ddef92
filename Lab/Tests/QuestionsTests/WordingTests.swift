import Testing
import Vocabulary

@testable import Questions

/// The tables of wordings.
@Suite struct WordingTests {
  @Test(arguments: QuestionFamily.allCases)
  func everyFamilyIsAskedForInManyWays(family: QuestionFamily) {
    let table = family.wordings
    #expect(table.kept.count >= 7 && table.heldOut.count >= 3)
    #expect(table.kept.count + table.heldOut.count >= 10)
    let filling = WordingFilling(
      noun: NounPhrase(all: Noun("cup")), other: NounPhrase(all: Noun("bowl")), relation: "above",
      colour: "red")
    let texts = (table.kept + table.heldOut).map { $0.text(filling) }
    #expect(Set(texts).count == texts.count)
  }

  @Test func slotsAgreeInNumber() {
    let wording: Wording = "\(.isThe) \(.the) here, \(.areMany) there \(.any), \(.isA) there \(.a)?"
    func text(_ phrase: NounPhrase) -> String { wording.text(WordingFilling(noun: phrase)) }
    #expect(
      text(NounPhrase(theOnly: Noun("cup"))) == "is the cup here, are there any cups, is there a cup?")
    #expect(
      text(NounPhrase(all: Noun("cup"))) == "are the cups here, are there any cups, is there a cup?")
    #expect(
      text(NounPhrase(theOnly: Noun("grass", .mass)))
        == "is the grass here, is there any grass, is there grass?")
    #expect(
      text(NounPhrase(theOnly: Noun("stairs", .pluralMass)))
        == "are the stairs here, are there any stairs, are there stairs?")
    #expect(
      text(NounPhrase(theOnly: Noun("scissors", .pair)))
        == "are the scissors here, are there any scissors, is there a pair of scissors?")
    #expect(NounPhrase(Noun("cup"), .leftmost).subject == "The leftmost cup is")
    #expect(NounPhrase(Noun("cup"), .number(2)).subject == "Cup number 2 is")
  }
}
