public import Foundation

/// A tiny random CoLLaVO, and what the authors' own code makes of a picture with it
/// (Tests/Reference/collavo.py).
public enum CoLLaVO {
  public static let folder = Fixtures.folder.appendingPathComponent("CoLLaVO")
  public static let cases = ["demo", "evaluation", "empty-demo", "empty-evaluation"]
  public static let grid = (rows: 5, columns: 5)

  public static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// A question on the picture, with the map or without a segment.
  public struct Case: Decodable, Sendable {
    /// "map" or "empty".
    public var map: String
    public var template: String
    public var question: String
    public var listing: String
    public var semantic: [Int]
    public var numbering: [Int]
    /// -1 where the picture stands.
    private var tokens: [Int]
    private var prefixed: [Int]
    /// What they answer.
    public var greedy: [Int]

    /// The token at each position, nil for the picture's.
    /// - Parameter isPrefixed: by the tokenizer that puts a space before a text
    public func sequence(isPrefixed: Bool = false) -> [Int?] {
      (isPrefixed ? prefixed : tokens).flatMap { token -> [Int?] in
        token == -1 ? Array(repeating: nil, count: grid.rows * grid.columns) : [token]
      }
    }
  }

  public static func expected(_ name: String) throws -> Case {
    let all = try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: file("expected.json")))
    guard let found = all[name] else { throw CocoaError(.fileReadCorruptFile) }
    return found
  }
}
