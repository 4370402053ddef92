extension CategoryTable {
  /// This vocabulary and another in one, joined by name: an id means something only beside its own table. A category
  /// that is new keeps its id where that is free, and has the smallest free one where it is not.
  /// - Throws: ``CategoryTableError/differentKinds(name:)`` for a name that is a thing in one table and stuff in the
  ///   other
  public func joined(with other: CategoryTable) throws -> CategoryTable {
    var joined = categories
    var ids = Set(joined.map(\.id))
    var free = 1
    for category in other.categories {
      if let own = self.category(named: category.name) {
        guard own.isThing == category.isThing else {
          throw CategoryTableError.differentKinds(name: category.name)
        }
        continue
      }
      var id = category.id
      if ids.contains(id) {
        while ids.contains(free) { free += 1 }
        id = free
      }
      ids.insert(id)
      joined.append(Category(id: id, name: category.name, isThing: category.isThing))
    }
    return joined.count == categories.count ? self : try CategoryTable(joined)
  }

  /// Whether every category of this table is in another, by name and kind.
  public func isWithin(_ other: CategoryTable) -> Bool {
    categories.allSatisfy { other.category(named: $0.name)?.isThing == $0.isThing }
  }
}
