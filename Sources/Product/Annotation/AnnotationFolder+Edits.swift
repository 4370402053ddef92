public import CrayonCore
public import Foundation

/// One picture of an annotated folder.
public struct AnnotatedPicture: Sendable, Equatable {
  /// What its results are called, without their extensions.
  public var file: String
  /// How the results list it.
  public var name: String
  /// In pixels.
  public var width: Int
  /// In pixels.
  public var height: Int
  /// How many segments it has, by category.
  public var counts: [String: Int]
  /// Whether a person has corrected its map here.
  public var isEdited: Bool
  /// SHA-256 of its bytes, in hexadecimal.
  public var digest: String
}

extension AnnotatedPicture {
  /// - Throws: `CategoryTableError`
  init(_ record: AnnotationRecord) throws {
    let table = try record.table()
    let names = record.segments_info.compactMap { table.category(id: $0.category_id)?.name }
    self.init(
      file: record.file, name: record.name, width: record.width, height: record.height,
      counts: Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +), isEdited: record.edited == true,
      digest: record.picture)
  }
}

/// The map of a picture as it lies in the folder.
public struct AnnotatedMap: Sendable {
  /// As it is now.
  public var map: PanopticMap
  /// What its segments can be, as far as its record knows.
  public var categories: CategoryTable
  /// Changes with the map and with what is said of it.
  public var version: String
}

/// A correction on its way into the folder. It lies beside the records until map, record and dataset all say it, so that
/// a program that is killed in between has lost nothing and left nothing half done: the next that opens the folder goes
/// on.
private struct PendingEdit: Codable {
  var record: AnnotationRecord
  /// The map.
  var png: Data
}

extension AnnotationFolder {
  /// All that has been annotated, in the order of the names, and the records that cannot be read.
  public func pictures() -> (pictures: [AnnotatedPicture], damaged: [URL]) {
    let (pictures, damaged) = readRecords { data in
      let record = try JSONDecoder().decode(AnnotationRecord.self, from: data)
      return (record.file, try AnnotatedPicture(record))
    }
    return (pictures.sorted { ($0.name, $0.file) < ($1.name, $1.file) }, damaged)
  }

  /// One of them; nil where there is no record of it.
  /// - Throws: ``AnnotationError/damagedRecord(file:)``, `CategoryTableError`
  public func picture(_ file: String) throws -> AnnotatedPicture? {
    try record(of: file).map(AnnotatedPicture.init)
  }

  /// The bytes of the picture itself, which must be those that were annotated.
  /// - Throws: ``AnnotationError``
  public func bytes(ofPicture file: String) throws -> Data {
    guard let record = try record(of: file) else { throw AnnotationError.noRecord(picture: file) }
    guard let data = FileManager.default.contents(atPath: record.path), Self.digest(data) == record.picture
    else {
      throw AnnotationError.pictureGone(picture: record.name)
    }
    return data
  }

  /// The map of a picture as it is now, also where a person has edited it.
  /// - Throws: ``AnnotationError``, `COCOPanopticError` or `CategoryTableError`
  public func annotatedMap(of file: String) throws -> AnnotatedMap {
    guard let record = try record(of: file) else { throw AnnotationError.noRecord(picture: file) }
    let table = try record.table()
    let map = try PanopticMap(editedPNG: self.map(of: file), segments: record.segments_info, categories: table)
    return AnnotatedMap(map: map, categories: table, version: try version(of: file))
  }

  /// Saves a corrected map, which `annotate` will not overwrite. `panoptic.json` follows with ``listEdits()``.
  /// - Parameters:
  ///   - map: as it was corrected, of the picture's width and height
  ///   - file: what the picture's results are called, without their extensions
  ///   - version: of the map that was corrected
  /// - Throws: ``AnnotationError/changedSince(picture:)`` where that is no longer the one that lies here;
  ///   ``AnnotationError/editedMapDoesNotFit(map:reason:)``, `CategoryTableError`, `COCOPanopticError`, `AtomicFileError`
  public func save(_ map: PanopticMap, of file: String, basedOn version: String) throws {
    guard var record = try record(of: file) else { throw AnnotationError.noRecord(picture: file) }
    guard try self.version(of: file) == version else {
      throw AnnotationError.changedSince(picture: record.name)
    }
    try record.requireSize(of: map, at: record.name)
    let used = try CategoryTable(Set(map.segments.map(\.category)).sorted { $0.id < $1.id })
    let known = try record.table()
    let table = try known.joined(with: used)
    // A kind of things here and of stuff there could not be listed.
    if table != known { _ = try AnnotationDataset(folder: self, categories: table).vocabulary() }
    record.categories = table.categories.map(COCOPanoptic.Entry.init)
    record.segments_info = map.segmentsInfo.compactMap { info in
      guard let name = used.category(id: info.category_id)?.name, let own = table.category(named: name) else {
        return nil
      }
      var info = info
      info.category_id = own.id
      return info
    }
    try put(map, record)
  }

  /// Puts a map that a person has made in the place of the one that is there.
  /// - Parameter record: says what the map's segments are
  func put(_ map: PanopticMap, _ record: AnnotationRecord) throws {
    var record = record
    record.edited = true
    let edit = PendingEdit(record: record, png: try map.encodedPNG(name: self.map(of: record.file).path))
    try write(try JSONEncoder().encode(edit), to: editFile(of: record.file))
    try finish(edit)
  }

  /// Writes `panoptic.json` so that it says what the maps and records say.
  /// - Returns: pictures that cannot be in it
  /// - Throws: `CategoryTableError`, `AtomicFileError`
  public func listEdits() throws -> [AnnotationFailure] {
    try AnnotationDataset(folder: self, categories: try CategoryTable([])).write().failures
  }

  /// Whether there are edits that `panoptic.json` may not say yet.
  public var hasUnlistedEdits: Bool { !edits.isEmpty }

  /// Edits that are on their way.
  var edits: [URL] { Self.files(below: records, ending: Self.editEnding) }

  /// Goes on with edits that a killed program has left.
  func finishEdits() throws {
    for file in edits {
      // Such a file is whole or not there: one that cannot be read is somebody else's.
      guard let data = FileManager.default.contents(atPath: file.path),
        let edit = try? JSONDecoder().decode(PendingEdit.self, from: data),
        editFile(of: edit.record.file).standardizedFileURL.path == file.standardizedFileURL.path
      else { continue }
      try finish(edit)
    }
  }

  private static let editEnding = ".edit"

  private func editFile(of file: String) -> URL { records.appendingPathComponent(file + Self.editEnding) }

  private func finish(_ edit: PendingEdit) throws {
    try write(edit.png, to: map(of: edit.record.file))
    try write(edit.record)
  }

  private func version(of file: String) throws -> String {
    let digests = [map(of: file), recordFile(of: file)].map { Self.digest(of: $0) ?? "" }
    return String(Self.digest(Data(digests.joined().utf8)).prefix(32))
  }
}
