public import Foundation

/// Where the stored reference outputs lie.
public enum Fixtures {
  /// The folder `Tests/Fixtures`.
  public static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")
}
