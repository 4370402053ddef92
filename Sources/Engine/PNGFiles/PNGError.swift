/// Why a PNG cannot be read or written.
public enum PNGError: Error, Equatable, CustomStringConvertible {
  case damaged(reason: String)
  case tooLarge(width: Int, height: Int)
  case notRGB(reason: String)
  case cannotEncode(reason: String)

  public var description: String {
    switch self {
    case .damaged(let reason): "the PNG cannot be read: \(reason)"
    case .tooLarge(let width, let height):
      "the PNG claims \(width)×\(height) pixels, more than are ever read"
    case .notRGB(let reason):
      "the PNG has \(reason); segment ids need 8-bit RGB (id = R + 256·G + 65536·B)"
    case .cannotEncode(let reason): "the picture cannot be written as PNG: \(reason)"
    }
  }
}
