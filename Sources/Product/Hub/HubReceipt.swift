import AtomicFiles
public import Foundation

/// What a folder was fetched from: kept beside the files, so that they can be verified, and need not be fetched again.
public struct HubReceipt: Codable, Sendable, Equatable {
  public struct File: Codable, Sendable, Equatable {
    public var size: Int
    public var digest: ContentDigest
  }

  public var repository: HubRepository
  public var revision: String
  public var commit: String
  /// By path.
  public var files: [String: File]

  public static let fileName = ".crayon-source.json"

  init(_ listing: HubListing, _ files: [HubFile]) {
    repository = listing.repository
    revision = listing.revision
    commit = listing.commit
    self.files = Dictionary(
      files.map { ($0.path, File(size: $0.size, digest: $0.digest)) }, uniquingKeysWith: { first, _ in first })
  }

  /// nil where there is none, or none that can be read.
  public init?(folder: URL) {
    let url = folder.appendingPathComponent(Self.fileName)
    guard let data = try? Data(contentsOf: url), let receipt = try? JSONDecoder().decode(Self.self, from: data)
    else { return nil }
    self = receipt
  }

  /// - Throws: `AtomicFileError`
  func write(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(self), to: folder.appendingPathComponent(Self.fileName))
  }

  /// Files that are not there, or not as they were published; reads every byte.
  public func damagedFiles(in folder: URL) -> [String] {
    files.sorted { $0.key < $1.key }.filter { path, file in
      let url = folder.appendingPathComponent(path)
      return url.sizeOfFile != file.size || (try? file.digest.matches(url, size: file.size)) != true
    }.map(\.key)
  }
}

extension URL {
  /// Of a regular file, or what a link leads to; nil where there is none.
  var sizeOfFile: Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolvingSymlinksInPath().path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
    return attributes?[.size] as? Int
  }
}
