/// Why something cannot be drawn.
public enum DrawingError: Error, Equatable, CustomStringConvertible {
  case noText(reason: String)

  public var description: String {
    switch self {
    case .noText(let reason):
      "text cannot be drawn (\(reason)); is a font installed? Debian has one in fonts-dejavu-core"
    }
  }
}
