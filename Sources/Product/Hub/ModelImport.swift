import AtomicFiles
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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

  /// The files that there are, relative to the source; hidden ones and folders are none.
  /// - Throws: ``HubError/noModel(folder:)`` or ``HubError/brokenLinks(folder:files:)``
  public func files() throws -> [String] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: source.path)) ?? []).sorted()
      .filter { !$0.hasPrefix(".") }
    let broken = names.filter {
      !FileManager.default.fileExists(atPath: source.appendingPathComponent($0).path)
    }
    guard broken.isEmpty else { throw HubError.brokenLinks(folder: source.path, files: broken) }
    let files = names.filter { source.appendingPathComponent($0).sizeOfFile != nil }
    guard !files.isEmpty else { throw HubError.noModel(folder: source.path) }
    return files
  }

  /// Puts files into a folder that exists and is empty.
  /// - Parameter copies: whether they are copied all the same
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
