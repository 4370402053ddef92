import CrayonCore

/// Why a question on a picture cannot be asked this way.
public enum PictureError: Error, Equatable, CustomStringConvertible {
  case noSuchSegment(Int32, known: [Int32])
  case regionOutside(number: Int, width: Int, height: Int)
  case noSegmentAt(x: Int, y: Int)
  case cancelled

  public var description: String {
    switch self {
    case .noSuchSegment(let id, let known):
      "the map has no segment \(id); it has "
        + (known.isEmpty ? "none" : known.prefix(40).map(String.init).joined(separator: ", "))
    case .regionOutside(let number, let width, let height):
      "region \(number) has no part of the picture, which has \(width)×\(height) pixels"
    case .noSegmentAt(let x, let y): "there is no segment at \(x),\(y)"
    case .cancelled: "stopped"
    }
  }
}
