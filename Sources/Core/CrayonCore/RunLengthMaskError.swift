/// Why something is no run-length mask.
public enum RunLengthMaskError: Error, Equatable, CustomStringConvertible {
  case badSize(width: Int, height: Int)
  case wrongTotal(width: Int, height: Int)
  case badText(offset: Int)
  case badPolygon

  public var description: String {
    switch self {
    case .badSize(let width, let height): "a mask cannot have \(width)×\(height) pixels"
    case .wrongTotal(let width, let height):
      "the runs of the mask are not the \(width)×\(height) pixels that it claims"
    case .badPolygon: "a corner of the mask's polygons lies beyond every picture"
    case .badText(let offset): "the text of the mask's runs is damaged at character \(offset)"
    }
  }
}
