public import CrayonCore

extension CategoryTable {
  /// What the noun of a phrase means: "the red cups" are of the category "cup". Usually one category, several where a
  /// word means either ("table"), none where the table has no category for it.
  public func categories(meantBy phrase: String) -> [Category] {
    CountedNouns(self).find(CountingQuestion.words(phrase))?.categories ?? []
  }
}
