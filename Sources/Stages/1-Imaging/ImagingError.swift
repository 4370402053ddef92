/// Why a picture cannot be had.
public enum ImagingError: Error, Equatable, CustomStringConvertible {
  case cannotOpen(file: String, reason: String)
  case empty(file: String)
  case unknownFormat(file: String)
  case tooLarge(file: String, width: Int, height: Int, limit: Int)
  case damaged(file: String, reason: String)

  public var description: String {
    switch self {
    case .cannotOpen(let file, let reason): "\(file) cannot be opened: \(reason)"
    case .empty(let file): "\(file) is empty"
    case .unknownFormat(let file):
      "\(file) is not a picture in a known format (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM, HEIC, AVIF)"
    case .tooLarge(let file, let width, let height, let limit):
      "\(file) claims \(width)×\(height) pixels; at most \(limit) pixels are decoded"
    case .damaged(let file, let reason): "\(file) is damaged: \(reason)"
    }
  }
}
