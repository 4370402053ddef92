/// Why a crayon prompt cannot be embedded.
public enum CrayonPromptingError: Error, Equatable, CustomStringConvertible {
  case outsideOfTable(table: String, index: Int, rows: Int)

  public var description: String {
    switch self {
    case .outsideOfTable(let table, let index, let rows):
      "the crayon prompt has the index \(index) for the \(table) table, which has \(rows) rows; it was made "
        + "for another vocabulary"
    }
  }
}
