import Checkpoints
public import CrayonCore
public import Foundation

/// Results of stages from earlier runs, kept in a folder and found by what they depend on: the picture's bytes,
/// the weights' hashes and the settings.
///
/// An entry is a folder of the artifact's own files, made under another name and then renamed, so that several
/// programs can share a cache. When it grows beyond its limit, what was not used for longest goes first. A cache
/// that cannot be written is no error: the work is done again next time.
public struct StageCache: Sendable {
  /// Where the results are.
  public let folder: URL
  /// In bytes.
  public let limit: Int

  /// Says how large the cache may be.
  public static let sizeVariable = "CRAYON_CACHE_MEGABYTES"

  /// `$XDG_CACHE_HOME/crayon`, else `~/.cache/crayon`; at most `CRAYON_CACHE_MEGABYTES`, else 1000.
  public static var standard: StageCache {
    let base =
      variable("XDG_CACHE_HOME").map { URL(fileURLWithPath: $0) }
      ?? HomeFolder.url.appendingPathComponent(".cache")
    let megabytes = variable(sizeVariable).flatMap(Int.init) ?? 1000
    return StageCache(
      folder: base.appendingPathComponent("crayon"), limit: min(max(megabytes, 0), 1 << 30) * 1_000_000)
  }

  /// - Parameters:
  ///   - folder: made with the first result that is kept
  ///   - limit: in bytes; the results that were used longest ago go first
  public init(folder: URL, limit: Int) {
    self.folder = folder
    self.limit = limit
  }

  /// The artifact that is kept under a key, or else a new one, which is kept from now on.
  /// - Parameters:
  ///   - stage: part of the key: what the name of the entry begins with
  ///   - parts: all that the artifact depends on
  ///   - make: called where nothing is kept that can be read
  public func value<Value: Artifact>(
    _ stage: String, dependingOn parts: [String], make: () throws -> Value
  ) rethrows -> (Value, wasKnown: Bool) {
    if let known: Value = value(stage, dependingOn: parts) { return (known, true) }
    let made = try make()
    keep(made, stage, dependingOn: parts)
    return (made, false)
  }

  /// The artifact that is kept under a key, if there is one.
  func value<Value: Artifact>(_ stage: String, dependingOn parts: [String]) -> Value? {
    let entry = entry(stage, parts)
    guard let known = try? Value(readingFrom: entry) else { return nil }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: entry.path)
    return known
  }

  /// Keeps an artifact under a key, where that is possible.
  func keep(_ value: some Artifact, _ stage: String, dependingOn parts: [String]) {
    try? keep(value, as: entry(stage, parts))
  }

  private func entry(_ stage: String, _ parts: [String]) -> URL {
    // Lengths first, so that no two lists of parts read the same.
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
    let key = FileDigest.sha256(of: Data(text.utf8)).prefix(32)
    return folder.appendingPathComponent("\(stage)-\(key)")
  }

  private func keep(_ value: some Artifact, as entry: URL) throws {
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let part = folder.appendingPathComponent(".part-\(UUID().uuidString)")
    try files.createDirectory(at: part, withIntermediateDirectories: false)
    defer { try? files.removeItem(at: part) }
    try value.write(to: part)
    // One that could not be read is in the way.
    try? files.removeItem(at: entry)
    try files.moveItem(at: part, to: entry)
    try prune()
  }

  /// Removes what was not used for longest, down to the limit, and parts that a killed program left.
  private func prune() throws {
    let files = FileManager.default
    let entries = try files.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.contentModificationDateKey])
    var kept: [(url: URL, used: Date, bytes: Int)] = []
    for entry in entries {
      let used = try? entry.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
      if entry.lastPathComponent.hasPrefix(".part-") {
        if let used, used.timeIntervalSinceNow < -3600 { try? files.removeItem(at: entry) }
        continue
      }
      let inside =
        (try? files.contentsOfDirectory(at: entry, includingPropertiesForKeys: [.fileSizeKey])) ?? []
      let bytes = inside.reduce(0) { $0 + ((try? $1.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0) }
      kept.append((entry, used ?? .distantPast, bytes))
    }
    var total = kept.reduce(0) { $0 + $1.bytes }
    for entry in kept.sorted(by: { $0.used < $1.used }) where total > limit {
      try? files.removeItem(at: entry.url)
      total -= entry.bytes
    }
  }
}

/// Hashes of weights, kept from run to run: a question need not read gigabytes only to name them.
///
/// A receipt holds for files of the same path, size, inode and times of change; whoever writes to one makes it void. One
/// that cannot be kept is no error: the hash is computed again next time.
enum DigestReceipt {
  /// `Checkpoint.digest()`, or of the tensors under a prefix `Checkpoint.digest(under:)`.
  static func digest(of checkpoint: Checkpoint, under prefix: String? = nil) throws -> String {
    let receipt = identity(of: checkpoint.files.map(\.path), under: prefix)
      .map { folder.appendingPathComponent($0) }
    if let receipt, let text = try? String(contentsOf: receipt, encoding: .utf8), text.count == 64,
      text.allSatisfy(\.isHexDigit)
    {
      return text
    }
    let digest = try prefix.map { try checkpoint.digest(under: $0) } ?? checkpoint.digest()
    if let receipt {
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try? Data(digest.utf8).write(to: receipt, options: .atomic)
    }
    return digest
  }

  /// Beside the cache of the stages' results.
  private static var folder: URL {
    StageCache.standard.folder.deletingLastPathComponent().appendingPathComponent("crayon-digests")
  }

  /// What tells files from what they were before or will be, without reading them. nil for files that are so new that they
  /// could be written again within the same tick of the clock.
  static func identity(of paths: [String], under prefix: String? = nil) -> String? {
    var facts = ["\(prefix ?? "")"]
    for path in paths.sorted() {
      var status = stat()
      guard stat(path, &status) == 0, time(nil) - max(status.st_mtim.tv_sec, status.st_ctim.tv_sec) > 2 else {
        return nil
      }
      let times = [status.st_mtim, status.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }
      facts.append("\(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(times)")
    }
    return String(FileDigest.sha256(of: Data(facts.joined(separator: "\n").utf8)).prefix(32))
  }
}
