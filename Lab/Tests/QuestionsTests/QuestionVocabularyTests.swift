import CrayonCore
import Testing
import Vocabulary

@testable import Questions

/// The generator's words against the product's vocabulary.
@Suite struct QuestionVocabularyTests {
  @Test func tablesNameCategoriesThatExist() {
    let names =
      CategoryKinship.popular + CategoryKinship.contexts.joined() + LayoutGenerator.sceneCategories
    let unknown = names.filter { CategoryTable.coco.category(named: $0) == nil }
    #expect(unknown.isEmpty, "\(unknown)")
  }

  @Test func unknownNounsAreOutsideOfTheVocabulary() {
    for word in UnknownNouns.kept + UnknownNouns.heldOut {
      let question = CountingQuestion(parsing: "How many \(Noun(word).many) are there?", table: .coco)
      #expect(question?.subject == .unknown(noun: Noun(word).many), "\(word)")
    }
    #expect(Set(UnknownNouns.kept).isDisjoint(with: UnknownNouns.heldOut))
  }

  @Test func everyGeneratedWordingIsUnderstood() {
    func categories(_ question: String) -> [String]? {
      guard let parsed = CountingQuestion(parsing: question, table: .coco),
        case .known(let categories) = parsed.subject, parsed.restriction == nil
      else { return nil }
      return categories.map(\.name)
    }
    for category in CategoryTable.coco.categories where category.isThing {
      let filling = WordingFilling(noun: NounPhrase(all: Noun(category)))
      for wording in WordingTable.plainCount.kept + WordingTable.plainCount.heldOut {
        #expect(categories(wording.text(filling)) == [category.name], "\(wording.text(filling))")
      }
      for wording in WordingTable.countSomewhere.kept {
        #expect(categories(wording.text(filling)) == nil, "\(wording.text(filling))")
      }
    }
  }
}
