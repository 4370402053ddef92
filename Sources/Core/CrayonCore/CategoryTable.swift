/// A segmenter's vocabulary, in the segmenter's own order. Two tables meet by name.
public struct CategoryTable: Sendable, Equatable {
  public let categories: [Category]
  private let indexByID: [Int: Int]
  private let indexByName: [String: Int]

  /// - Throws: ``CategoryTableError`` when an id or a name stands twice, or a name is empty.
  public init(_ categories: [Category]) throws {
    var indexByID: [Int: Int] = [:]
    var indexByName: [String: Int] = [:]
    for (index, category) in categories.enumerated() {
      guard !category.name.isEmpty else { throw CategoryTableError.emptyName(id: category.id) }
      guard indexByID.updateValue(index, forKey: category.id) == nil else {
        throw CategoryTableError.duplicateID(category.id)
      }
      guard indexByName.updateValue(index, forKey: category.name) == nil else {
        throw CategoryTableError.duplicateName(category.name)
      }
    }
    self.categories = categories
    self.indexByID = indexByID
    self.indexByName = indexByName
  }

  /// For tables written in the source, which a test checks.
  init(unchecked categories: [Category]) {
    self.categories = categories
    indexByID = Dictionary(
      categories.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    indexByName = Dictionary(
      categories.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func category(id: Int) -> Category? { indexByID[id].map { categories[$0] } }

  public func category(named name: String) -> Category? { indexByName[name].map { categories[$0] } }
}
