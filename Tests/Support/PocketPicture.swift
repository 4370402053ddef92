public import Foundation

/// What the training's own code makes of one rendered picture with the weights of Pipelines/pocket
/// (Training/pocket/reference.py).
public enum PocketPicture {
  public static let folder = Fixtures.folder.appendingPathComponent("Pocket")
  /// The pipeline's weights.
  public static let weights = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Pipelines/pocket")

  public static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  private struct Maps: Decodable {
    let decided: [String: String]
    let strict: [String: String]
    let truth: [String: String]
    let strictLeastStuffPixels: Int
  }

  private static func maps() throws -> Maps {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Maps.self, from: Data(contentsOf: file("picture.json")))
  }

  /// Which map of the picture a fixture holds.
  public enum Map: String {
    case decided, strict, truth
  }

  /// The categories of a map's ids.
  public static func categories(_ map: Map) throws -> [Int32: String] {
    let maps = try maps()
    let all =
      switch map {
      case .decided: maps.decided
      case .strict: maps.strict
      case .truth: maps.truth
      }
    return Dictionary(uniqueKeysWithValues: all.map { (Int32($0) ?? 0, $1) })
  }

  /// Where stuff of fewer pixels is dropped, the map is the strict one.
  public static func strictLeastStuffPixels() throws -> Int { try maps().strictLeastStuffPixels }
}
