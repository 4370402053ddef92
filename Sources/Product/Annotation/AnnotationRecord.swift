import CrayonCore
import Foundation

/// What is known of one annotated picture: enough to list it in the dataset, to see whether it must be done
/// again, and to distinguish a map of ours from one that a person has edited.
struct AnnotationRecord: Codable, Equatable, Sendable {
  /// The picture's name in the results, with its own extension.
  var name: String
  /// What its map, its overlay and this record are called, without their extensions.
  var file: String
  /// Where the picture was, by which it is distinguished from another of the same name.
  var path: String
  /// SHA-256 of the picture's bytes.
  var picture: String
  /// What made the map.
  var segmenter: String
  /// SHA-256 of the map's PNG.
  var map: String
  /// Of the PNG that this one was to replace: should the run end between record and map, that is what lies
  /// there, and nobody has edited it.
  var replaced: String?
  var width: Int
  var height: Int
  /// What the `category_id` of ``segments_info`` mean.
  var categories: [COCOPanoptic.Entry]
  var segments_info: [COCOPanoptic.SegmentInfo]
  /// Whether a person has corrected the map where crayon knew of it (``AnnotationFolder/save(_:of:basedOn:)``): also an
  /// edit that leaves all pixels as they were, such as another category, is then distinguished from a map of ours.
  var edited: Bool?

  func table() throws -> CategoryTable { try CategoryTable(categories.map(\.category)) }

  /// Makes sure that an edited map is one of the picture.
  /// - Parameter place: what the sentence calls the map: its path, where it is a file
  /// - Throws: ``AnnotationError/editedMapDoesNotFit(map:reason:)``
  func requireSize(of map: PanopticMap, at place: String) throws {
    guard (map.width, map.height) == (width, height) else {
      throw AnnotationError.editedMapDoesNotFit(
        map: place, reason: "it has \(map.width)×\(map.height) pixels, and its picture \(width)×\(height)")
    }
  }

  /// Whether another is of the same picture, map and segments, wherever the picture was.
  func says(theSameAs other: AnnotationRecord) -> Bool {
    var other = other
    other.path = path
    return self == other
  }
}

/// The part of a record by which pictures are known again.
struct RecordedPicture: Decodable, Equatable, Sendable {
  var name: String
  var file: String
  var path: String
  var picture: String
  var categories: [COCOPanoptic.Entry]
}

/// A line of `failures.jsonl`: what was not annotated, and why.
public struct AnnotationFailure: Codable, Equatable, Sendable {
  /// The picture's name.
  public var file: String
  /// Of the file that is at fault: the picture, as it was named; or a record, a map, or a file of another format.
  public var path: String
  /// A sentence.
  public var reason: String

  init(file: String, path: String, reason: String) {
    self.file = file
    self.path = path
    self.reason = reason
  }

  /// Replaces what the file says of what was tried now, and of the folder's records, all of which every run reads; what
  /// other runs (other shards) said of their pictures stays, as long as those are there. Without failures there is no file.
  /// - Parameter tried: paths
  static func write(
    _ failures: [AnnotationFailure], tried: [String], to folder: AnnotationFolder,
    keepingMissing: Bool = false
  ) throws {
    let tried = Set((tried + failures.map(\.path)).map(FileKey.init))
    let others = read(folder).filter { failure in
      !tried.contains(FileKey(failure.path)) && !AnnotationFolder.isRecord(failure.path)
        && (keepingMissing || isThere(failure.path))
    }
    let all = (others + failures).sorted { ($0.file, $0.path) < ($1.file, $1.path) }
    guard !all.isEmpty else {
      try? FileManager.default.removeItem(at: folder.failuresFile)
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(to: folder.failuresFile) { output in
      for failure in all { try output.append(try encoder.encode(failure) + Data("\n".utf8)) }
    }
  }

  static func read(_ folder: AnnotationFolder) -> [AnnotationFailure] {
    let data = FileManager.default.contents(atPath: folder.failuresFile.path) ?? Data()
    return data.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(AnnotationFailure.self, from: $0)
    }
  }

  /// Also a link that leads nowhere.
  private static func isThere(_ path: String) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: path)) != nil
  }
}

/// Why pictures cannot be annotated, before or while it is tried.
public enum AnnotationError: Error, Equatable, CustomStringConvertible {
  case noSuchPath(String)
  case cannotRead(String)
  case nothingFound([String])
  case outputIsInput(String)
  case cannotWrite(folder: String, reason: String)
  case damagedRecord(file: String)
  case damagedShard(file: String)
  case noMap(picture: String, folder: String)
  case mapOfSeveral(map: String, pictures: [String])
  case editedMapDoesNotFit(map: String, reason: String)
  case conflictingShards(name: String, folders: [String])
  case missingShards(count: Int, missing: [Int], unfinished: [Int])
  case otherShards(counts: [Int])
  case partLacksMap(file: String)
  case notAnAnnotationFolder(String)
  case noRecord(picture: String)
  case pictureGone(picture: String)
  case changedSince(picture: String)

  public var description: String {
    switch self {
    case .noSuchPath(let path): "there is no file or folder \(path)"
    case .cannotRead(let path): "the folder \(path) cannot be read"
    case .nothingFound(let paths):
      "no pictures in \(paths.joined(separator: ", ")); --recursive also looks into folders in folders"
    case .outputIsInput(let path):
      "\(path) is where the pictures are, and where the results would go; name another folder with --out"
    case .cannotWrite(let folder, let reason): "nothing can be written to \(folder): \(reason)"
    case .damagedRecord(let file):
      "\(file) is damaged; delete it and its map, and its picture is annotated anew"
    case .damagedShard(let file): "\(file) is damaged; annotate its part anew, which writes it"
    case .noMap(let picture, let folder): "no map for \(picture) in \(folder)"
    case .mapOfSeveral(let map, let pictures):
      "the map \(map) would be that of \(pictures.prefix(3).joined(separator: " and of "))"
        + (pictures.count > 3 ? " and of \(pictures.count - 3) more" : "") + "; a map is one picture's"
    case .editedMapDoesNotFit(let map, let reason): "the edited map \(map) cannot be used: \(reason)"
    case .partLacksMap(let file):
      "there is no \(file), which that part lists; run the part again, or copy it again"
    case .conflictingShards(let name, let folders):
      "\(name) was annotated differently in \(folders.joined(separator: " and "))"
    case .missingShards(let count, let missing, let unfinished):
      "the set of shards is not whole: "
        + (missing.map { "\($0) of \(count) is missing" }
        + unfinished.map { "\($0) of \(count) is not finished" })
        .joined(separator: ", ")
    case .otherShards(let counts):
      "the shards are of several sets: " + counts.map { "one of \($0)" }.joined(separator: ", ")
    case .notAnAnnotationFolder(let folder):
      "\(folder) was not written by crayon annotate: it has no records"
    case .noRecord(let picture): "\(picture) has not been annotated here"
    case .pictureGone(let picture):
      "the picture \(picture) is no longer where it was annotated, or is another one now; annotate it again"
    case .changedSince(let picture): "the map of \(picture) has changed since it was opened; open it again"
    }
  }
}
