import CrayonCore
public import Foundation

/// Puts the results of several runs (shards) together in one folder.
public enum AnnotationMerge {
  /// Copies maps, overlays and records, lists the failures, and writes the dataset anew. A picture that
  /// several folders have must have been annotated equally in all. A set of shards must be whole.
  /// - Returns: how many pictures the dataset lists.
  /// - Throws: ``AnnotationError`` or `COCOPanopticError`
  public static func merge(_ folders: [URL], into target: AnnotationFolder) throws -> Int {
    try AnnotationShard.requireAll(in: folders)
    var table = try CategoryTable([])
    var failures: [AnnotationFailure] = []
    var done: Set<String> = []
    for url in folders {
      let folder = try AnnotationFolder(existing: url)
      let dataset = try COCOPanoptic(readingJSON: folder.datasetFile)
      table = try table.joined(with: try COCOPanoptic.table(dataset.categories, file: folder.datasetFile))
      let (recorded, damaged) = folder.recordedPictures()
      if let file = damaged.first { throw AnnotationError.damagedRecord(file: file.path) }
      for picture in recorded {
        guard let record = try folder.record(of: picture.file) else { continue }
        try copy(record, from: folder, to: target)
        done.insert(record.path)
      }
      failures += AnnotationFailure.read(folder)
    }
    let left = failures.filter { !done.contains($0.path) }
    // Other machines' pictures need not be on this one.
    try AnnotationFailure.write(left, tried: Array(done), to: target, keepingMissing: true)
    return try AnnotationDataset(folder: target, categories: table).write().listed
  }

  private static func copy(
    _ record: AnnotationRecord, from folder: AnnotationFolder, to target: AnnotationFolder
  ) throws {
    if let existing = try target.record(of: record.file), !existing.says(theSameAs: record) {
      throw AnnotationError.conflictingShards(
        name: record.name, folders: [folder.url.path, target.url.path])
    }
    let map = folder.map(of: record.file)
    guard let png = FileManager.default.contents(atPath: map.path) else { return }
    try target.write(record)
    try target.write(png, to: target.map(of: record.file))
    if let overlay = FileManager.default.contents(atPath: folder.overlay(of: record.file).path) {
      try target.write(overlay, to: target.overlay(of: record.file))
    }
  }
}
