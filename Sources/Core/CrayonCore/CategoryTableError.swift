/// Why a list of categories is not a vocabulary.
public enum CategoryTableError: Error, Equatable, CustomStringConvertible {
  case duplicateID(Int)
  case duplicateName(String)
  case emptyName(id: Int)

  public var description: String {
    switch self {
    case .duplicateID(let id): "two categories have the id \(id)"
    case .duplicateName(let name): "two categories are named \"\(name)\""
    case .emptyName(let id): "the category with id \(id) has an empty name"
    }
  }
}
