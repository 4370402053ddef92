/// Why a file does not hold vision tokens.
public enum VisionTokensError: Error, Equatable, CustomStringConvertible {
  case badNote(file: String, key: String)
  case wrongShape(file: String, shape: [Int], rows: Int, columns: Int)

  public var description: String {
    switch self {
    case .badNote(let file, let key):
      "\(file) holds no vision tokens: its note \"\(key)\" is missing or not what is written there"
    case .wrongShape(let file, let shape, let rows, let columns):
      "\(file) holds features of shape \(shape), which are not \(rows)×\(columns) vectors"
    }
  }
}
