import CrayonCore
public import Foundation

/// Puts the results of several runs (shards) together in one folder.
public enum AnnotationMerge {
  /// Copies maps, overlays and records, lists the failures, and writes the dataset anew. A picture that
  /// several folders have must have been annotated equally in all.
  /// - Returns: how many pictures the dataset lists.
  /// - Throws: ``AnnotationError`` or `COCOPanopticError`
  public static func merge(_ folders: [URL], into target: AnnotationFolder) throws -> Int {
    var categories: [COCOPanoptic.Entry] = []
    var failures: [AnnotationFailure] = []
    var done: Set<String> = []
    for url in folders {
      let folder = try AnnotationFolder(existing: url)
      for entry in try COCOPanoptic(readingJSON: folder.datasetFile).categories
      where !categories.contains(entry) { categories.append(entry) }
      for name in try folder.recordedNames() {
        guard let record = try folder.record(of: name) else { continue }
        try copy(record, from: folder, to: target)
        done.insert(name)
      }
      failures += AnnotationFailure.read(folder)
    }
    let left = failures.filter { !done.contains($0.file) }
    try AnnotationFailure.write(left, tried: Array(done) + left.map(\.file), to: target)
    let table = try CategoryTable(
      categories.map { Category(id: $0.id, name: $0.name, isThing: $0.isthing) })
    return try AnnotationDataset(folder: target, categories: table).write()
  }

  private static func copy(
    _ record: AnnotationRecord, from folder: AnnotationFolder, to target: AnnotationFolder
  ) throws {
    if let existing = try target.record(of: record.name), existing != record {
      throw AnnotationError.conflictingShards(
        name: record.name, folders: [folder.url.path, target.url.path])
    }
    let map = folder.map(of: record.name)
    guard let png = FileManager.default.contents(atPath: map.path) else { return }
    try target.write(record)
    try target.write(png, to: target.map(of: record.name))
    if let overlay = FileManager.default.contents(atPath: folder.overlay(of: record.name).path) {
      try target.write(overlay, to: target.overlay(of: record.name))
    }
  }
}
