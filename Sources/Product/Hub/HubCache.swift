public import Foundation

/// A repository in the cache that the hub's own tools keep: `models--OWNER--NAME` with `refs`, `snapshots` and `blobs`.
public struct HubCache: Sendable {
  public let repository: HubRepository
  /// The commit whose snapshot this is.
  public let commit: String
  /// What was asked for.
  public let revision: String
  /// The snapshot's folder; its files are links to blobs.
  public let folder: URL

  /// - Parameters:
  ///   - folder: the repository's folder in the cache, or one of its snapshots
  ///   - revision: a branch or a commit that has a snapshot
  /// - Returns: nil where the folder is no part of such a cache
  /// - Throws: ``HubError/noSnapshot(_:revision:known:)``
  public init?(_ folder: URL, revision: String) throws {
    let folder = folder.standardizedFileURL
    let parent = folder.deletingLastPathComponent()
    if parent.lastPathComponent == "snapshots",
      let repository = Self.repository(parent.deletingLastPathComponent())
    {
      self.init(repository: repository, commit: folder.lastPathComponent, revision: revision, folder: folder)
      return
    }
    guard let repository = Self.repository(folder) else { return nil }
    let reference = folder.appendingPathComponent("refs").appendingPathComponent(revision)
    let commit = (try? String(contentsOf: reference, encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let snapshots = folder.appendingPathComponent("snapshots")
    let known = ((try? FileManager.default.contentsOfDirectory(atPath: snapshots.path)) ?? []).sorted()
    guard let found = [commit, revision].compactMap({ $0 }).first(where: known.contains) else {
      throw HubError.noSnapshot(repository, revision: revision, known: known)
    }
    self.init(
      repository: repository, commit: found, revision: revision, folder: snapshots.appendingPathComponent(found)
    )
  }

  private init(repository: HubRepository, commit: String, revision: String, folder: URL) {
    self.repository = repository
    self.commit = commit
    self.revision = revision
    self.folder = folder
  }

  /// By the name of its folder.
  private static func repository(_ folder: URL) -> HubRepository? {
    let parts = folder.lastPathComponent.components(separatedBy: "--")
    guard parts.count == 3, parts[0] == "models" else { return nil }
    return try? HubRepository("\(parts[1])/\(parts[2])")
  }

  /// What is there, as if it had been fetched: blobs are named by their hashes.
  /// - Parameter paths: relative to the snapshot
  func receipt(_ paths: [String]) -> HubReceipt? {
    let files = paths.map { path -> HubFile? in
      let blob = folder.appendingPathComponent(path).resolvingSymlinksInPath()
      let name = blob.lastPathComponent
      guard let size = blob.sizeOfFile else { return nil }
      return [ContentDigest.sha256(name), .gitBlob(name)].first(where: \.isWellFormed)
        .map { HubFile(path: path, size: size, digest: $0) }
    }
    guard !files.contains(nil) else { return nil }
    let found = files.compactMap { $0 }
    return HubReceipt(
      HubListing(repository: repository, revision: revision, commit: commit, files: found), found)
  }
}
