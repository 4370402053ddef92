import CrayonCore
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension AnnotationFolder {
  /// Results of an earlier run that have another name now, because another picture would have had the old one.
  public struct Renaming: Sendable, Equatable {
    public var from: String
    public var to: String
  }

  /// Gives every picture its place among the results, those of earlier runs included: a picture that has results keeps
  /// them, and one of another folder that is called alike does not get them.
  /// - Throws: ``AnnotationError`` or `AtomicFileError` where results cannot be moved
  public func place(_ pictures: [AnnotationInput]) throws -> (pictures: [AnnotationInput], renamed: [Renaming])
  {
    let recorded = try withoutCopies(recordedPictures().pictures)
    let owners = owners(of: pictures, among: recorded)
    let owned = Set(owners.values.map(\.file))
    let others = recorded.filter { !owned.contains($0.file) }
    let entries =
      pictures.map { picture in
        let record = owners[picture.path]
        return ResultNames.Entry(
          path: picture.path, name: record?.name ?? picture.name, file: record?.file)
      } + others.map { ResultNames.Entry(path: $0.path, name: $0.name, file: $0.file) }
    let placed = ResultNames.distinct(entries)
    let records = pictures.map { owners[$0.path] } + others
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
  ) -> [String: RecordedPicture] {
    let byPath = Dictionary(recorded.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    let byName = Dictionary(grouping: recorded, by: \.name)
    var owners: [String: RecordedPicture] = [:]
    var taken: Set<String> = []
    for picture in pictures {
      guard let record = byPath[picture.path] else { continue }
      owners[picture.path] = record
      taken.insert(record.file)
    }
    for picture in pictures where owners[picture.path] == nil {
      let moved = byName[picture.name]?.first { record in
        !taken.contains(record.file) && !FileManager.default.fileExists(atPath: record.path)
          && Self.digest(of: picture.url) == record.picture
      }
      guard let moved else { continue }
      owners[picture.path] = moved
      taken.insert(moved.file)
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
    var kept: [String: RecordedPicture] = [:]
    for picture in recorded {
      guard let other = kept[picture.path] else {
        kept[picture.path] = picture
        continue
      }
      let isLonger = picture.file.utf8.count > other.file.utf8.count
      kept[picture.path] = isLonger ? picture : other
      remove(isLonger ? other.file : picture.file)
    }
    return recorded.filter { kept[$0.path]?.file == $0.file }
  }
}
