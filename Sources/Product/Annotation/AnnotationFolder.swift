import CrayonCore
import Crypto
public import Foundation
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where results go:
///
///     panoptic.json            the dataset, in the COCO panoptic format
///     panoptic/NAME.png        maps
///     overlay/NAME.png         pictures with their maps painted over them
///     failures.jsonl           what could not be annotated, and why
///     .crayon/NAME.json        a record for each map, from which panoptic.json is made
public struct AnnotationFolder: Sendable {
  public let url: URL

  public var datasetFile: URL { url.appendingPathComponent("panoptic.json") }
  public var failuresFile: URL { url.appendingPathComponent("failures.jsonl") }
  public var maps: URL { url.appendingPathComponent("panoptic") }
  public var overlays: URL { url.appendingPathComponent("overlay") }
  private var records: URL { url.appendingPathComponent(".crayon") }

  /// Opens a folder for writing: makes it where it is not there, and removes what a run that was killed left
  /// unfinished.
  /// - Throws: ``AnnotationError/cannotWrite(folder:reason:)``
  public init(opening url: URL) throws {
    self.url = url
    do {
      try FileManager.default.createDirectory(at: maps, withIntermediateDirectories: true)
      try FileManager.default.createDirectory(at: records, withIntermediateDirectories: true)
      let probe = records.appendingPathComponent(".probe")
      try AtomicFile.write(Data(), to: probe)
      unlink(probe.path)
    } catch {
      let reason = (error as? AtomicFileError)?.description ?? Self.reason(error)
      throw AnnotationError.cannotWrite(folder: url.path, reason: reason)
    }
    removeUnfinished()
  }

  /// A folder that another run has written.
  /// - Throws: ``AnnotationError/notAnAnnotationFolder(_:)``
  init(existing url: URL) throws {
    self.url = url
    guard FileManager.default.fileExists(atPath: records.path) else {
      throw AnnotationError.notAnAnnotationFolder(url.path)
    }
  }

  func map(of name: String) -> URL { Self.file(name, in: maps, extension: "png") }
  func overlay(of name: String) -> URL { Self.file(name, in: overlays, extension: "png") }

  /// nil where there is none.
  /// - Throws: ``AnnotationError/damagedRecord(file:)``
  func record(of name: String) throws -> AnnotationRecord? {
    let file = Self.file(name, in: records, extension: "json")
    guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
    guard let record = try? JSONDecoder().decode(AnnotationRecord.self, from: data) else {
      throw AnnotationError.damagedRecord(file: file.path)
    }
    return record
  }

  func write(_ record: AnnotationRecord) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try write(
      try encoder.encode(record), to: Self.file(record.name, in: records, extension: "json"))
  }

  /// Writes a file, and the folders above it.
  func write(_ data: Data, to file: URL) throws {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try AtomicFile.write(data, to: file)
  }

  /// The names of all records, sorted.
  func recordedNames() throws -> [String] {
    // The names in the files themselves: file names have lost the pictures' extensions.
    try Self.files(below: records, ending: ".json").compactMap { file in
      guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
      guard let record = try? JSONDecoder().decode(AnnotationRecord.self, from: data) else {
        throw AnnotationError.damagedRecord(file: file.path)
      }
      return record.name
    }.sorted()
  }

  /// SHA-256 in hexadecimal; nil where there is no file.
  static func digest(of file: URL) -> String? {
    (try? Data(contentsOf: file, options: .mappedIfSafe)).map(digest)
  }

  static func digest(_ data: Data) -> String {
    SHA256.hash(data: data).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func file(_ name: String, in folder: URL, extension newExtension: String) -> URL {
    folder.appendingPathComponent((name as NSString).deletingPathExtension + "." + newExtension)
  }

  private static func files(below folder: URL, ending suffix: String) -> [URL] {
    let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (found?.compactMap { $0 as? URL } ?? []).filter { $0.path.hasSuffix(suffix) }
  }

  /// An unfinished file carries the number of the process that writes it; one whose process lives belongs to
  /// another shard's run.
  private func removeUnfinished() {
    for folder in [maps, overlays, records] {
      Self.files(below: folder, ending: AtomicFile.unfinishedSuffix).forEach(Self.removeIfAbandoned)
    }
    let top = (try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)) ?? []
    top.filter { $0.path.hasSuffix(AtomicFile.unfinishedSuffix) }.forEach(Self.removeIfAbandoned)
  }

  private static func removeIfAbandoned(_ file: URL) {
    let number = file.deletingPathExtension().pathExtension.split(separator: "-").first
    guard let process = number.flatMap({ pid_t($0) }), kill(process, 0) != 0, errno == ESRCH else { return }
    unlink(file.path)
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    guard let underlying, underlying.domain == NSPOSIXErrorDomain else { return "\(error)" }
    return String(cString: strerror(Int32(underlying.code)))
  }
}
