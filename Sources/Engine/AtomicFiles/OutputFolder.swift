public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Why results cannot be put somewhere.
public struct OutputError: Error, Equatable, CustomStringConvertible {
  /// Of the folder.
  public let path: String
  /// Half a sentence.
  public let reason: String

  /// Memberwise.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "nothing can be written to \(path): \(reason)" }
}

/// Where results go.
public enum OutputFolder {
  /// Makes a folder, and those above it, where it is not there.
  /// - Throws: ``OutputError``
  public static func make(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      // Where a file is in the way, Foundation says that it exists.
      let (there, isFolder) = try existing(folder)
      throw OutputError(path: folder.path, reason: isFolder ? SystemReason.of(error) : inTheWay(there))
    }
  }

  /// Makes sure, before any work, that a folder can be made or written to.
  /// - Throws: ``OutputError``
  public static func require(_ folder: URL) throws {
    let (there, isFolder) = try existing(folder)
    guard isFolder else { throw OutputError(path: folder.path, reason: inTheWay(there)) }
    try requireAccess(there, for: folder)
  }

  /// Makes sure, before any work, that a file can be written: its folder is there.
  /// - Throws: ``OutputError``
  public static func require(fileIn url: URL) throws {
    let folder = url.standardizedFileURL.deletingLastPathComponent()
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
      throw OutputError(path: url.path, reason: "there is no folder \(folder.path)")
    }
    guard isFolder.boolValue else { throw OutputError(path: url.path, reason: inTheWay(folder)) }
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
      throw OutputError(path: url.path, reason: "it is a folder")
    }
    try requireName(url, for: url)
    try requireAccess(folder, for: url)
  }

  private static func requireAccess(_ folder: URL, for url: URL) throws {
    guard access(folder.path, W_OK | X_OK) != 0 else { return }
    throw OutputError(path: url.path, reason: String(cString: strerror(errno)))
  }

  /// What is there of a path: the folder itself, or the nearest above it; or a file that is in its place.
  /// - Throws: ``OutputError`` where what is not there cannot be made either
  private static func existing(_ folder: URL) throws -> (url: URL, isFolder: Bool) {
    var url = folder.standardizedFileURL
    var isFolder: ObjCBool = true
    while url.pathComponents.count > 1,
      !FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    {
      var status = stat()
      if lstat(url.path, &status) == 0 {
        throw OutputError(path: folder.path, reason: "\(url.path) is a link that leads nowhere")
      }
      try requireName(url, for: folder)
      url.deleteLastPathComponent()
      isFolder = true
    }
    return (url, isFolder.boolValue)
  }

  /// Behind a call that has not found a file: whether that is all there is to say.
  private static func requireName(_ url: URL, for target: URL) throws {
    var status = stat()
    guard lstat(url.path, &status) != 0, ![ENOENT, ENOTDIR, ELOOP].contains(errno) else { return }
    throw OutputError(path: target.path, reason: String(cString: strerror(errno)))
  }

  private static func inTheWay(_ file: URL) -> String { "\(file.path) is a file and no folder" }
}

/// A folder that is there whole or not at all: made beside under another name, then renamed.
public enum NewFolder {
  /// What processes that are no more have left of the same folder is taken away.
  /// - Parameter fill: gets the unfinished folder
  /// - Throws: ``OutputError``, or what `fill` throws; then nothing is left
  public static func make(_ target: URL, _ fill: (URL) throws -> Void) throws {
    try OutputFolder.require(target)
    let part = part(of: target, mark: "\(getpid())")
    do {
      try OutputFolder.make(part)
    } catch let error as OutputError {
      throw OutputError(path: target.path, reason: error.reason)
    }
    defer { try? FileManager.default.removeItem(at: part) }
    try fill(part)
    guard rename(part.path, target.path) == 0 else {
      throw OutputError(path: target.path, reason: String(cString: strerror(errno)))
    }
  }

  /// The folder under the name that it has until it is whole; those of processes that are no more are taken away.
  fileprivate static func part(of target: URL, mark: String) -> URL {
    let files = FileManager.default
    let beside = target.deletingLastPathComponent()
    let part = beside.appendingPathComponent(AtomicFile.unfinishedName(of: target, mark: mark))
    for name in (try? files.contentsOfDirectory(atPath: beside.path)) ?? [] {
      let other = beside.appendingPathComponent(name)
      guard name.hasSuffix(AtomicFile.unfinishedSuffix), withoutMark(other) == withoutMark(part),
        AtomicFile.isAbandoned(other)
      else { continue }
      try? files.removeItem(at: other)
    }
    return part
  }

  private static func withoutMark(_ part: URL) -> String {
    part.deletingPathExtension().deletingPathExtension().lastPathComponent
  }
}

/// A folder for what is needed for a while, where the system keeps such things.
public enum PassingFolder {
  /// Makes one. Who asks for it takes it away; what processes that are no more have left for the same is taken away here.
  /// - Parameter purpose: a part of its name
  /// - Throws: ``OutputError``
  public static func make(for purpose: String) throws -> URL {
    let folder = NewFolder.part(
      of: FileManager.default.temporaryDirectory.appendingPathComponent(purpose),
      mark: "\(getpid())-\(UInt32.random(in: .min ... .max))")
    try OutputFolder.make(folder)
    return folder
  }
}

/// The user's own folder.
public enum HomeFolder {
  /// `HOME`, whoever the user is; else what the system has for the user.
  public static var url: URL {
    let home = ProcessInfo.processInfo.environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return home.map { URL(fileURLWithPath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
  }
}

/// What the system says of a failure that Foundation wraps in words of its own.
public enum SystemReason {
  /// "Permission denied", "No such file or directory", …
  public static func of(_ error: any Error) -> String {
    var error = error as NSError
    while error.domain != NSPOSIXErrorDomain, let cause = error.userInfo[NSUnderlyingErrorKey] as? any Error {
      error = cause as NSError
    }
    if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
    guard error.domain == NSCocoaErrorDomain else { return "\(error)" }
    switch CocoaError.Code(rawValue: error.code) {
    case .fileNoSuchFile, .fileReadNoSuchFile: return String(cString: strerror(ENOENT))
    case .fileReadNoPermission, .fileWriteNoPermission: return String(cString: strerror(EACCES))
    case .fileReadInvalidFileName, .fileWriteInvalidFileName: return String(cString: strerror(ENAMETOOLONG))
    case .fileWriteFileExists: return String(cString: strerror(EEXIST))
    case .fileWriteOutOfSpace: return String(cString: strerror(ENOSPC))
    case .fileWriteVolumeReadOnly: return String(cString: strerror(EROFS))
    default: return error.localizedDescription
    }
  }
}
