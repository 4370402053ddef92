/// Why no layouts can be made.
public enum LayoutError: Error, Equatable, CustomStringConvertible {
  case badSize(width: Int, height: Int)

  public var description: String {
    switch self {
    case .badSize(let width, let height):
      "maps of \(width)×\(height) pixels cannot be made; sides are from 16 to 16384"
    }
  }
}
