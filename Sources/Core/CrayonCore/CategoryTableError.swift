/// Why a list of categories is not a vocabulary.
public enum CategoryTableError: Error, Equatable, CustomStringConvertible {
  case duplicateID(Int)
  case duplicateName(String)
  case emptyName(id: Int)
  case differentKinds(name: String)

  public var description: String {
    switch self {
    case .duplicateID(let id): "two categories have the id \(id)"
    case .duplicateName(let name): "two categories are named \"\(name)\""
    case .emptyName(let id): "the category with id \(id) has an empty name"
    case .differentKinds(let name):
      "the category \"\(name)\" is a thing in one list of categories, and stuff in another"
    }
  }
}
