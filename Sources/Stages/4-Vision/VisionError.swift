/// Why a vision tower cannot be used as it was asked for.
public enum VisionError: Error, Equatable, CustomStringConvertible {
  case noSuchLayer(index: Int, layers: Int)
  case badSide(Int, patch: Int)
  case gridMismatch(positions: Int, cells: Int)
  case widthMismatch(connector: Int, tower: Int)

  public var description: String {
    switch self {
    case .noSuchLayer(let index, let layers):
      "there is no hidden state \(index) in a vision tower of \(layers) layers; it has 0 to \(layers), or "
        + "counted from the end -\(layers + 1) to -1"
    case .badSide(let side, let patch):
      "the vision tower cannot see pictures of \(side)×\(side) pixels: the side must be a multiple of \(patch), "
        + "and at most 4096"
    case .gridMismatch(let positions, let cells):
      "the connector has \(positions) positions, but the vision tower makes \(cells) tokens"
    case .widthMismatch(let connector, let tower):
      "the connector takes features of width \(connector), but the vision tower makes \(tower)"
    }
  }
}
