import CrayonCore
import Foundation

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
    /// Records that could not be listed.
    var failures: [AnnotationFailure]
  }

  /// The vocabulary so far: that of the dataset that is there, whose ids stay, and this run's.
  /// - Throws: ``CategoryTableError/differentKinds(name:)``
  func vocabulary() throws -> CategoryTable {
    // One that cannot be read is written anew from the records, which hold all that they use.
    let known = try? COCOPanoptic.table(readingJSON: folder.datasetFile)
    return try known?.joined(with: categories) ?? categories
  }

  @discardableResult
  func write() throws -> Written {
    let (recorded, damaged) = folder.recordedPictures()
    var failures = damaged.map { file in
      AnnotationFailure(
        file: file.lastPathComponent, path: file.path,
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
        failures.append(AnnotationFailure(file: picture.name, path: picture.path, reason: "\(error)"))
      }
    }
    let done = folder.edits
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
            segments_info: try record.segments(in: table)))
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
  fileprivate func segments(in table: CategoryTable) throws -> [COCOPanoptic.SegmentInfo] {
    let own = try self.table()
    return try segments_info.map { info in
      guard let name = own.category(id: info.category_id)?.name, let category = table.category(named: name)
      else {
        throw COCOPanopticError.unknownCategory(map: file, segment: info.id, category: info.category_id)
      }
      var info = info
      info.category_id = category.id
      return info
    }
  }
}
