/// A file of a repository.
public struct HubFile: Sendable, Hashable {
  /// Relative to the repository, its parts separated by `/`.
  public let path: String
  /// In bytes.
  public let size: Int
  public let digest: ContentDigest

  public init(path: String, size: Int, digest: ContentDigest) {
    self.path = path
    self.size = size
    self.digest = digest
  }

  /// Whether the path stays within a folder.
  var isWithinFolder: Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.contains("\0") && !path.contains("\\")
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}
