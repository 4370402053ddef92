/// Why there is no scene.
public enum SceneError: Error, Equatable, CustomStringConvertible {
  case unsupportedSize(width: Int, height: Int)
  /// The catalogue names something that COCO does not.
  case unknownCategory(String)

  public var description: String {
    switch self {
    case .unsupportedSize(let width, let height):
      "scenes are 32 to 4096 pixels wide and high, not \(width)×\(height)"
    case .unknownCategory(let name): "\"\(name)\" is not among COCO's categories"
    }
  }
}
