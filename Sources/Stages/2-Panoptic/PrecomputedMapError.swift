/// Why a given map does not go with a picture.
public enum PrecomputedMapError: Error, Equatable, CustomStringConvertible {
  case otherShape(map: String, mapSize: [Int], pictureSize: [Int])
  /// The shape of the picture lying on its side.
  case turned(map: String, mapSize: [Int], pictureSize: [Int])

  public var description: String {
    switch self {
    case .otherShape(let map, let mapSize, let pictureSize):
      "the map \(map) has \(mapSize[0])×\(mapSize[1]) pixels, which is another shape than the picture's "
        + "\(pictureSize[0])×\(pictureSize[1]); it seems to belong to another picture"
    case .turned(let map, let mapSize, let pictureSize):
      "the map \(map) has \(mapSize[0])×\(mapSize[1]) pixels, and the picture, upright by its EXIF orientation, "
        + "\(pictureSize[0])×\(pictureSize[1]); a map is drawn on the picture upright: turn it by a quarter"
    }
  }
}
