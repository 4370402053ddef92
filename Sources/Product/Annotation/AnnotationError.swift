/// Why pictures cannot be annotated, before or while it is tried.
public enum AnnotationError: Error, Equatable, CustomStringConvertible {
  case noSuchPath(String)
  case cannotRead(String)
  case nothingFound([String])
  case outputIsInput(String)
  case cannotWrite(folder: String, reason: String)
  case damagedRecord(file: String)
  case noMap(picture: String, folder: String)
  case mapOfSeveral(map: String, pictures: [String])
  case editedMapDoesNotFit(map: String, reason: String)
  case conflictingShards(name: String, folders: [String])
  case missingShards(count: Int, missing: [Int], unfinished: [Int])
  case otherShards(counts: [Int])
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
    case .damagedRecord(let file): "\(file) is damaged; delete it, and its picture is annotated anew"
    case .noMap(let picture, let folder): "no map for \(picture) in \(folder)"
    case .mapOfSeveral(let map, let pictures):
      "the map \(map) would be that of \(pictures.prefix(3).joined(separator: " and of "))"
        + (pictures.count > 3 ? " and of \(pictures.count - 3) more" : "") + "; a map is one picture's"
    case .editedMapDoesNotFit(let map, let reason): "the edited map \(map) cannot be used: \(reason)"
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
