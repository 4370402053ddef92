/// Which maps would be those of several pictures: a map is one picture's.
public struct MapSharing: Sendable {
  /// By the map's path.
  private let pictures: [String: [String]]

  /// - Parameter found: paths of maps, and the pictures that they were found for
  public init(_ found: [(map: String, picture: String)] = []) {
    pictures = Dictionary(grouping: found, by: \.map).mapValues { $0.map(\.picture) }.filter {
      $0.value.count > 1
    }
  }

  /// - Throws: ``AnnotationError/mapOfSeveral(map:pictures:)``
  public func requireOnePicture(of map: String) throws {
    if let pictures = pictures[map] { throw AnnotationError.mapOfSeveral(map: map, pictures: pictures) }
  }
}
