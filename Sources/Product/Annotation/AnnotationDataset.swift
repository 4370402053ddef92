import CrayonCore
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Makes `panoptic.json` of a folder's records, one at a time, so that memory does not grow with what is in them.
struct AnnotationDataset {
  let folder: AnnotationFolder
  /// The vocabulary of this run's maps. What the records name besides is joined to it by name.
  let categories: CategoryTable

  /// What was written.
  struct Written {
    /// Pictures that the dataset lists.
    var listed: Int
    /// Records that could not be listed, by their standardized paths.
    var failures: [AnnotationFailure]
  }

  /// The vocabulary so far: that of the dataset that is there, whose ids stay, and this run's.
  /// - Throws: `CategoryTableError.differentKinds(name:)`
  func vocabulary() throws -> CategoryTable {
    // One that cannot be read is written anew from the records, which hold all that they use.
    let known = try? COCOPanoptic.table(readingJSON: folder.datasetFile)
    return try known?.joined(with: categories) ?? categories
  }

  func write() throws -> Written {
    // Before anything is read: what is edited from here on is listed the next time.
    let done = folder.edits
    let (recorded, damaged) = folder.recordedPictures()
    var failures = damaged.map { file in
      AnnotationFailure(
        file: file.lastPathComponent, path: file.standardizedFileURL.path,
        reason: AnnotationError.damagedRecord(file: file.path).description)
    }
    var table = try vocabulary()
    var pictures: [(name: String, file: String)] = []
    for picture in recorded
    where FileManager.default.fileExists(atPath: folder.map(of: picture.file).path) {
      do {
        table = try table.joined(with: try CategoryTable(picture.categories.map(\.category)))
        pictures.append((picture.name, picture.file))
      } catch {
        let record = folder.recordFile(of: picture.file).standardizedFileURL
        failures.append(AnnotationFailure(file: picture.name, path: record.path, reason: "\(error)"))
      }
    }
    try write(pictures, table)
    // What they say is now everywhere.
    for edit in done { unlink(edit.path) }
    return Written(listed: pictures.count, failures: failures)
  }

  private func write(_ pictures: [(name: String, file: String)], _ table: CategoryTable) throws {
    let ids = Self.ids(pictures.map(\.name))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(to: folder.datasetFile) { output in
      func list(_ key: String, _ element: (Int, AnnotationRecord) throws -> Data) throws {
        try output.append(Data(",\n\"\(key)\": [".utf8))
        for (index, picture) in pictures.enumerated() {
          guard let record = try folder.record(of: picture.file) else { continue }
          try output.append(Data((index == 0 ? "\n" : ",\n").utf8))
          try output.append(try element(ids[index], record))
        }
        try output.append(Data("]".utf8))
      }
      try output.append(Data("{\"categories\": ".utf8))
      try output.append(try encoder.encode(table.categories.map(COCOPanoptic.Entry.init)))
      try list("images") { id, record in
        try encoder.encode(
          COCOPanoptic.Image(
            id: .number(id), file_name: record.name, width: record.width, height: record.height))
      }
      try list("annotations") { id, record in
        try encoder.encode(
          COCOPanoptic.Annotation(
            image_id: .number(id), file_name: record.file + ".png",
            segments_info: try record.segments(in: table, at: folder.recordFile(of: record.file).path)))
      }
      try output.append(Data("}\n".utf8))
    }
  }

  /// COCO's pictures are named by their ids; where all names are numbers they stay the ids, else pictures are
  /// counted.
  private static func ids(_ names: [String]) -> [Int] {
    let numbers = names.compactMap { name in
      Int(((name as NSString).lastPathComponent as NSString).deletingPathExtension)
    }
    return Set(numbers).count == names.count ? numbers : Array(1..<names.count + 1)
  }
}

extension AnnotationRecord {
  /// The segments with the ids that a table has for their categories' names.
  /// - Parameter place: of the record
  fileprivate func segments(in table: CategoryTable, at place: String) throws -> [COCOPanoptic.SegmentInfo] {
    let own = try self.table()
    return try segments_info.map { info in
      guard let name = own.category(id: info.category_id)?.name, let category = table.category(named: name)
      else {
        throw COCOPanopticError.unknownCategory(map: place, segment: info.id, category: info.category_id)
      }
      var info = info
      info.category_id = category.id
      return info
    }
  }
}

/// Puts the results of several runs (shards) together in one folder.
public enum AnnotationMerge {
  /// What a merge came to.
  public struct Summary: Sendable, Equatable, Encodable {
    /// Pictures that the dataset lists.
    public var listed = 0
    /// Pictures whose maps a person has edited in the target; they stay as they are.
    public var edited: [String] = []
    /// Pictures and records that are on the list of failures.
    public var failed = 0

    /// Nothing done yet.
    public init() {}
  }

  /// Copies maps, overlays and records, lists the failures, and writes the dataset anew. A picture that
  /// several folders have must have been annotated equally in all. A set of shards must be whole.
  /// - Throws: ``AnnotationError`` or `COCOPanopticError`
  public static func merge(_ folders: [URL], into target: AnnotationFolder) throws -> Summary {
    var summary = Summary()
    try AnnotationShard.requireAll(in: folders)
    var table = try CategoryTable([])
    var failures: [AnnotationFailure] = []
    var done: [FileKey: String] = [:]
    for url in folders {
      let folder = try AnnotationFolder(existing: url)
      let dataset = try COCOPanoptic(readingJSON: folder.datasetFile)
      table = try table.joined(with: try COCOPanoptic.table(dataset.categories, file: folder.datasetFile))
      let (recorded, damaged) = folder.recordedPictures()
      if let file = damaged.first { throw AnnotationError.damagedRecord(file: file.path) }
      for picture in recorded {
        guard let record = try folder.record(of: picture.file) else { continue }
        if try copy(record, from: folder, to: target) == .keptEdited { summary.edited.append(record.name) }
        done[FileKey(record.path)] = record.path
      }
      // What is wrong with records is seen when they are listed here.
      failures += AnnotationFailure.read(folder).filter { !AnnotationFolder.isRecord($0.path) }
    }
    let written = try AnnotationDataset(folder: target, categories: table).write()
    summary.listed = written.listed
    let left = failures.filter { done[FileKey($0.path)] == nil } + written.failures
    summary.failed = left.count
    // Other machines' pictures need not be on this one.
    try AnnotationFailure.write(left, tried: Array(done.values), to: target, keepingMissing: true)
    return summary
  }

  private enum Copied { case copied, keptEdited }

  private static func copy(
    _ record: AnnotationRecord, from folder: AnnotationFolder, to target: AnnotationFolder
  ) throws -> Copied {
    let map = folder.map(of: record.file)
    guard let png = FileManager.default.contents(atPath: map.path) else {
      throw AnnotationError.partLacksMap(file: map.path)
    }
    let (digest, there) = (
      AnnotationFolder.digest(png), AnnotationFolder.digest(of: target.map(of: record.file))
    )
    if let there, there != digest, let mine = try target.record(of: record.file),
      mine.edited == true || ![mine.map, mine.replaced].contains(there)
    {
      return .keptEdited
    }
    var record = record
    if digest != record.map {
      // A person has edited the part's own map, of which some segments may be gone; or it was cut short.
      let edited = try PanopticMap(
        editedPNG: map, segments: record.segments_info, categories: try record.table())
      try record.requireSize(of: edited, at: map.path)
      record.segments_info = edited.segmentsInfo
    }
    if let existing = try target.record(of: record.file), !existing.says(theSameAs: record) {
      throw AnnotationError.conflictingShards(
        name: record.name, folders: [folder.url.path, target.url.path])
    }
    try target.write(record)
    try target.write(png, to: target.map(of: record.file))
    if let overlay = FileManager.default.contents(atPath: folder.overlay(of: record.file).path) {
      try target.write(overlay, to: target.overlay(of: record.file))
    }
    return .copied
  }
}

/// That a folder holds a part of a set, and whether that part is done: `shard-3-of-8.json`. Each part writes its own file,
/// so that several may share a folder.
public struct AnnotationShard: Codable, Equatable, Sendable {
  /// From 1.
  public var index: Int
  /// Of all parts.
  public var count: Int
  /// False until all its pictures have been tried.
  public var isFinished: Bool

  /// Memberwise.
  public init(index: Int, count: Int, isFinished: Bool) {
    self.index = index
    self.count = count
    self.isFinished = isFinished
  }

  private var fileName: String { "shard-\(index)-of-\(count).json" }

  /// - Throws: `OutputError` or `AtomicFileError`
  public func write(to folder: AnnotationFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try folder.write(
      try encoder.encode(self) + Data("\n".utf8), to: folder.url.appendingPathComponent(fileName))
  }

  /// Makes sure that folders hold all parts of one set, where any of them says that it holds a part.
  /// - Throws: ``AnnotationError/missingShards(count:missing:unfinished:)`` or
  ///   ``AnnotationError/otherShards(counts:)``
  static func requireAll(in folders: [URL]) throws {
    let files = folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? [])
        .filter { $0.lastPathComponent.hasPrefix("shard-") && $0.pathExtension == "json" }
    }
    let shards = try files.map { file in
      guard let data = FileManager.default.contents(atPath: file.path),
        let shard = try? JSONDecoder().decode(AnnotationShard.self, from: data)
      else { throw AnnotationError.damagedShard(file: file.path) }
      return shard
    }
    let counts = Set(shards.map(\.count)).sorted()
    guard let count = counts.first else { return }
    guard counts.count == 1, (1...1 << 20).contains(count) else {
      throw AnnotationError.otherShards(counts: counts)
    }
    let finished = Set(shards.filter(\.isFinished).map(\.index))
    let begun = Set(shards.map(\.index))
    let missing = (1...count).filter { !begun.contains($0) }
    let unfinished = (1...count).filter { begun.contains($0) && !finished.contains($0) }
    guard missing.isEmpty, unfinished.isEmpty else {
      throw AnnotationError.missingShards(count: count, missing: missing, unfinished: unfinished)
    }
  }
}
