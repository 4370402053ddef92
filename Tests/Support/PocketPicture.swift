public import Foundation

/// What the training's own code makes of one rendered picture with the weights of Pipelines/pocket
/// (Training/pocket/reference.py).
public enum PocketPicture {
  public static let folder = Fixtures.folder.appendingPathComponent("Pocket")
  /// The pipeline's weights.
  public static let weights = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Pipelines/pocket")

  public static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// The categories of a map's ids.
  /// - Parameter map: "truth" or "decided"
  public static func categories(_ map: String) throws -> [Int32: String] {
    let all = try JSONDecoder().decode(
      [String: [String: String]].self, from: Data(contentsOf: file("picture.json")))
    return Dictionary(uniqueKeysWithValues: (all[map] ?? [:]).map { (Int32($0) ?? 0, $1) })
  }
}
