public import CrayonCore

extension CategoryTable {
  /// What the noun of a phrase means: "the red cups" are of the category "cup". Usually one category, several where a
  /// word means either ("table"), none where the table has no category for it.
  public func categories(meantBy phrase: String) -> [Category] {
    CountedNouns(self).find(CountingQuestion.words(phrase))?.meaning.categories ?? []
  }

  /// The nouns of a text that the table has categories for, each with all that it can mean, in their order. Of several
  /// in one place the longest counts.
  public func nouns(in text: String) -> [(noun: String, categories: [Category])] {
    CountedNouns(self).findAll(CountingQuestion.words(text))
  }
}
