import CrayonCore
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
  /// The folder.
  public let url: URL

  /// The COCO panoptic file of all maps.
  public var datasetFile: URL { url.appendingPathComponent("panoptic.json") }
  /// Pictures that failed, a JSON object a line.
  public var failuresFile: URL { url.appendingPathComponent("failures.jsonl") }
  /// The folder of the maps' PNGs.
  public var maps: URL { url.appendingPathComponent("panoptic") }
  /// The folder of the painted pictures.
  public var overlays: URL { url.appendingPathComponent("overlay") }
  var records: URL { url.appendingPathComponent(Self.recordsName) }
  private static let recordsName = ".crayon"

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

  /// A folder that another run has written, to be browsed and corrected.
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

  /// Whether a path is that of a record, of this folder or of one that has been merged into it.
  static func isRecord(_ path: String) -> Bool { path.contains("/\(recordsName)/") }

  /// nil where there is none.
  /// - Throws: ``AnnotationError/damagedRecord(file:)``
  func record(of file: String) throws -> AnnotationRecord? {
    let url = recordFile(of: file)
    guard let data = FileManager.default.contents(atPath: url.path) else { return nil }
    guard let record = try? JSONDecoder().decode(AnnotationRecord.self, from: data), record.file == file,
      (1...1 << 20).contains(record.width), (1...1 << 20).contains(record.height)
    else {
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
    FileDigest.sha256(of: data)
  }

  static func files(below folder: URL, ending suffix: String) -> [URL] {
    let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (found?.compactMap { $0 as? URL } ?? []).filter { $0.path.hasSuffix(suffix) }
  }

  /// What a process that lives has not finished belongs to another shard's run.
  private func removeUnfinished() {
    let top = (try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)) ?? []
    let below = [maps, overlays, records].flatMap { Self.files(below: $0, ending: AtomicFile.unfinishedSuffix) }
    for file in below + top.filter({ $0.path.hasSuffix(AtomicFile.unfinishedSuffix) })
    where AtomicFile.isAbandoned(file) { unlink(file.path) }
  }
}

extension AnnotationFolder {
  /// Results of an earlier run that have another name now, because another picture would have had the old one.
  public struct Renaming: Sendable, Equatable {
    /// The name before.
    public var from: String
    /// The name now.
    public var to: String
  }

  /// Gives every picture its place among the results, those of earlier runs included: a picture that has results keeps
  /// them, and one of another folder that is called alike does not get them.
  /// - Throws: ``AnnotationError`` or `AtomicFileError` where results cannot be moved
  public func place(_ pictures: [AnnotationInput]) throws -> (pictures: [AnnotationInput], renamed: [Renaming])
  {
    let recorded = try withoutCopies(recordedPictures().pictures)
    let owners = owners(of: pictures, among: recorded)
    let owned = Set(owners.values.map { FileKey($0.file) })
    let others = recorded.filter { !owned.contains(FileKey($0.file)) }
    let entries =
      pictures.map { picture in
        let record = owners[FileKey(picture.path)]
        return ResultNames.Entry(
          path: picture.path, name: record?.name ?? picture.name, file: record?.file)
      } + others.map { ResultNames.Entry(path: $0.path, name: $0.name, file: $0.file) }
    let placed = ResultNames.distinct(entries)
    let records = pictures.map { owners[FileKey($0.path)] } + others
    var renamed: [Renaming] = []
    for (record, entry) in zip(records, placed) {
      guard let record, record.file != entry.file || record.name != entry.name else { continue }
      try move(record, to: entry)
      renamed.append(Renaming(from: record.file, to: entry.file))
    }
    let named = zip(pictures, placed).map { picture, entry in
      var picture = picture
      (picture.listedName, picture.file) = (entry.name, entry.file)
      return picture
    }
    return (named, renamed)
  }

  /// The records of pictures, by the pictures' paths. A picture that was moved is known by its bytes.
  private func owners(
    of pictures: [AnnotationInput], among recorded: [RecordedPicture]
  ) -> [FileKey: RecordedPicture] {
    let byPath = Dictionary(recorded.map { (FileKey($0.path), $0) }, uniquingKeysWith: { first, _ in first })
    let byName = Dictionary(grouping: recorded, by: \.name)
    var owners: [FileKey: RecordedPicture] = [:]
    var taken: Set<FileKey> = []
    for picture in pictures {
      guard let record = byPath[FileKey(picture.path)] else { continue }
      owners[FileKey(picture.path)] = record
      taken.insert(FileKey(record.file))
    }
    for picture in pictures where owners[FileKey(picture.path)] == nil {
      let moved = byName[picture.name]?.first { record in
        !taken.contains(FileKey(record.file)) && !FileManager.default.fileExists(atPath: record.path)
          && Self.digest(of: picture.url) == record.picture
      }
      guard let moved else { continue }
      owners[FileKey(picture.path)] = moved
      taken.insert(FileKey(moved.file))
    }
    return owners
  }

  /// Moves results to another name. At every moment a record is beside its map, so that a run that is killed here loses
  /// nothing; what it leaves twice is taken away by ``withoutCopies(_:)``.
  private func move(_ picture: RecordedPicture, to entry: ResultNames.Entry) throws {
    guard var record = try record(of: picture.file) else { return }
    (record.name, record.file) = (entry.name, entry.file)
    guard picture.file != entry.file else { return try write(record) }
    for (from, to) in [
      (map(of: picture.file), map(of: entry.file)), (overlay(of: picture.file), overlay(of: entry.file)),
    ] {
      guard let data = FileManager.default.contents(atPath: from.path) else { continue }
      try write(data, to: to)
    }
    try write(record)
    remove(picture.file)
  }

  private func remove(_ file: String) {
    // The record last: without it nothing would tell whose the map is.
    for url in [overlay(of: file), map(of: file), recordFile(of: file)] { unlink(url.path) }
  }

  /// Of several records of one picture, which a killed run leaves, only the one with the longest name.
  private func withoutCopies(_ recorded: [RecordedPicture]) throws -> [RecordedPicture] {
    var kept: [FileKey: RecordedPicture] = [:]
    for picture in recorded {
      guard let other = kept[FileKey(picture.path)] else {
        kept[FileKey(picture.path)] = picture
        continue
      }
      let isLonger = picture.file.utf8.count > other.file.utf8.count
      kept[FileKey(picture.path)] = isLonger ? picture : other
      remove(isLonger ? other.file : picture.file)
    }
    return recorded.filter { kept[FileKey($0.path)]?.file == $0.file }
  }
}
