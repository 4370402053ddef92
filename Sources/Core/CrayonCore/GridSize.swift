/// The size of the grid of image tokens, in cells.
public struct GridSize: Sendable, Hashable, Codable {
  public var rows: Int
  public var columns: Int

  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  public var count: Int { rows * columns }
}
