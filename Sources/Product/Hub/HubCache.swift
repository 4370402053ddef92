import AtomicFiles
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A repository in the cache that the hub's own tools keep: `models--OWNER--NAME` with `refs`, `snapshots` and `blobs`.
public struct HubCache: Sendable {
  /// On the hub.
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

/// Takes a model that is on this machine already into a folder, without a copy where a link will do.
public struct ModelImport: Sendable {
  /// How a file came.
  public enum Way: String, Sendable {
    /// The same bytes under a second name.
    case hardLink = "linked"
    /// Where the other name is on another disk.
    case symbolicLink = "linked by path"
    case copy = "copied"
  }

  /// Where the files are.
  public let source: URL
  /// nil where they come from no cache of the hub's tools.
  public let cache: HubCache?

  /// - Parameters:
  ///   - folder: a folder with a model's files, or of the hub's cache
  ///   - revision: which snapshot of a cache
  /// - Throws: ``HubError``
  public init(_ folder: URL, revision: String) throws {
    cache = try HubCache(folder, revision: revision)
    source = cache?.folder ?? folder
  }

  /// What lies in the source and is not hidden.
  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: source.path)) ?? []).filter { !$0.hasPrefix(".") }
      .sorted()
  }

  /// Folders in the source, which are not taken: a model's files lie in one folder.
  public var folders: [String] {
    names.filter { name in
      var isFolder: ObjCBool = false
      let path = source.appendingPathComponent(name).path
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
  }

  /// The files that there are, relative to the source; hidden ones and folders are none.
  /// - Throws: ``HubError/noModel(folder:)`` or ``HubError/brokenLinks(folder:files:)``
  public func files() throws -> [String] {
    let names = names
    let broken = names.filter {
      !FileManager.default.fileExists(atPath: source.appendingPathComponent($0).path)
    }
    guard broken.isEmpty else { throw HubError.brokenLinks(folder: source.path, files: broken) }
    let files = names.filter { source.appendingPathComponent($0).sizeOfFile != nil }
    guard !files.isEmpty else { throw HubError.noModel(folder: source.path) }
    return files
  }

  /// Puts files into a folder that exists and is empty.
  /// - Parameters:
  ///   - paths: of the files, relative to the source, as ``files()`` gives them
  ///   - folder: where each file has the path that it has in the source
  ///   - copies: whether they are copied all the same
  /// - Returns: by path, how each came
  /// - Throws: `OutputError` or `AtomicFileError`
  public func run(_ paths: [String], into folder: URL, copies: Bool) throws -> [String: Way] {
    var ways: [String: Way] = [:]
    for path in paths {
      let from = source.appendingPathComponent(path).resolvingSymlinksInPath()
      let to = folder.appendingPathComponent(path)
      do {
        if copies {
          try FileManager.default.copyItem(at: from, to: to)
          ways[path] = .copy
        } else if link(from.path, to.path) == 0 {
          ways[path] = .hardLink
        } else {
          try FileManager.default.createSymbolicLink(atPath: to.path, withDestinationPath: from.path)
          ways[path] = .symbolicLink
        }
      } catch {
        throw OutputError(path: to.path, reason: SystemReason.of(error))
      }
    }
    try cache?.receipt(paths)?.write(to: folder)
    return ways
  }
}
