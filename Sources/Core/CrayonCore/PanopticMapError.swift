/// Why pixels and labels do not make a ``PanopticMap``.
public enum PanopticMapError: Error, Equatable, CustomStringConvertible {
  case idNotPositive(Int32)
  case pixelsWithoutSegment(id: Int32)
  case segmentWithoutPixels(id: Int32)

  public var description: String {
    switch self {
    case .idNotPositive(let id):
      "segment id \(id) cannot be used: ids start at 1, and 0 is kept for unlabelled pixels"
    case .pixelsWithoutSegment(let id):
      "pixels carry the id \(id), but no segment with that id is listed"
    case .segmentWithoutPixels(let id):
      "segment \(id) is listed, but no pixel carries its id"
    }
  }
}
