public import Foundation

/// What the training's own code makes of one rendered picture with the weights of Pipelines/pocket
/// (Training/pocket/reference.py).
public enum PocketPicture {
  public static let folder = Fixtures.folder.appendingPathComponent("Pocket")
  /// The pipeline's weights.
  public static let weights = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Pipelines/pocket")

  public static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// picture.json.
  public struct Notes: Decodable, Sendable {
    public struct Segment: Decodable, Sendable {
      public let category: String
      public let score: Float
    }

    /// A box in which a mask was drawn, whatever was detected.
    public struct Mask: Decodable, Sendable {
      /// In pixels of the network's picture.
      public let box: [Float]
      /// Whose features were told, of all levels' behind each other.
      public let cell: Int
      /// The place of the category.
      public let label: Int
    }

    /// By id.
    public let decided: [String: Segment]
    /// By id, where stuff of fewer than ``strictLeastStuffPixels`` is dropped.
    public let strict: [String: Segment]
    public let truth: [String: String]
    public let strictLeastStuffPixels: Int
    public let masks: [Mask]
  }

  public static func notes() throws -> Notes {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Notes.self, from: Data(contentsOf: file("picture.json")))
  }

  /// The categories of the true map's ids.
  public static func trueCategories() throws -> [Int32: String] {
    Dictionary(uniqueKeysWithValues: try notes().truth.map { (Int32($0) ?? 0, $1) })
  }
}
