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
///     overlay/NAME.png         pictures with their maps painted over them; for both see ``ResultNames``
///     failures.jsonl           what could not be annotated, and why
///     .crayon/NAME.json        a record for each map, from which panoptic.json is made
public struct AnnotationFolder: Sendable {
  public let url: URL

  public var datasetFile: URL { url.appendingPathComponent("panoptic.json") }
  public var failuresFile: URL { url.appendingPathComponent("failures.jsonl") }
  public var maps: URL { url.appendingPathComponent("panoptic") }
  public var overlays: URL { url.appendingPathComponent("overlay") }
  var records: URL { url.appendingPathComponent(".crayon") }

  /// Opens a folder for writing: makes it where it is not there, and removes what a run that was killed left
  /// unfinished.
  /// - Throws: ``AnnotationError/cannotWrite(folder:reason:)``
  public init(opening url: URL) throws {
    self.url = url
    do {
      try OutputFolder.make(maps)
      try OutputFolder.make(records)
      let probe = records.appendingPathComponent(".probe")
      try AtomicFile.write(Data(), to: probe)
      unlink(probe.path)
    } catch let error as OutputError {
      throw AnnotationError.cannotWrite(folder: url.path, reason: error.reason)
    } catch let error as AtomicFileError {
      throw AnnotationError.cannotWrite(folder: url.path, reason: error.description)
    }
    removeUnfinished()
    try finishEdits()
  }

  /// A folder that another run has written, to be looked through and corrected.
  /// - Throws: ``AnnotationError``
  public init(annotatedAt url: URL) throws {
    _ = try AnnotationFolder(existing: url)
    try self.init(opening: url)
  }

  /// A folder that another run has written.
  /// - Throws: ``AnnotationError/notAnAnnotationFolder(_:)``
  init(existing url: URL) throws {
    self.url = url
    guard FileManager.default.fileExists(atPath: records.path) else {
      throw AnnotationError.notAnAnnotationFolder(url.path)
    }
  }

  // Of what is called `file`, without an extension.

  func map(of file: String) -> URL { maps.appendingPathComponent(file + ".png") }
  func overlay(of file: String) -> URL { overlays.appendingPathComponent(file + ".png") }
  func recordFile(of file: String) -> URL { records.appendingPathComponent(file + ".json") }

  /// nil where there is none.
  /// - Throws: ``AnnotationError/damagedRecord(file:)``
  func record(of file: String) throws -> AnnotationRecord? {
    let url = recordFile(of: file)
    guard let data = FileManager.default.contents(atPath: url.path) else { return nil }
    guard let record = try? JSONDecoder().decode(AnnotationRecord.self, from: data), record.file == file else {
      throw AnnotationError.damagedRecord(file: url.path)
    }
    return record
  }

  func write(_ record: AnnotationRecord) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try write(try encoder.encode(record), to: recordFile(of: record.file))
  }

  /// Writes a file, and the folders above it.
  /// - Throws: `OutputError` or `AtomicFileError`
  func write(_ data: Data, to file: URL) throws {
    try OutputFolder.make(file.deletingLastPathComponent())
    try AtomicFile.write(data, to: file)
  }

  /// What is recorded, in the order of the names, and the records that cannot be read.
  func recordedPictures() -> (pictures: [RecordedPicture], damaged: [URL]) {
    let (pictures, damaged) = readRecords { data in
      let picture = try JSONDecoder().decode(RecordedPicture.self, from: data)
      return (picture.file, picture)
    }
    return (pictures.sorted { ($0.name, $0.path) < ($1.name, $1.path) }, damaged)
  }

  /// Goes through all records, one at a time.
  /// - Parameter read: what is kept of a record, and what its results are called
  /// - Returns: in no order; and the records that cannot be read, or lie where no results of that name belong
  func readRecords<Kept>(_ read: (Data) throws -> (file: String, kept: Kept)) -> (kept: [Kept], damaged: [URL])
  {
    var kept: [Kept] = []
    var damaged: [URL] = []
    for url in Self.files(below: records, ending: ".json") {
      let found = FileManager.default.contents(atPath: url.path).flatMap { try? read($0) }
      if let found, recordFile(of: found.file).standardizedFileURL.path == url.standardizedFileURL.path {
        kept.append(found.kept)
      } else {
        damaged.append(url)
      }
    }
    return (kept, damaged.sorted { $0.path < $1.path })
  }

  /// SHA-256 in hexadecimal; nil where there is no file.
  static func digest(of file: URL) -> String? {
    (try? Data(contentsOf: file, options: .mappedIfSafe)).map(digest)
  }

  static func digest(_ data: Data) -> String {
    SHA256.hash(data: data).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  static func files(below folder: URL, ending suffix: String) -> [URL] {
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
}
