/// Why pictures cannot be annotated, before or while it is tried.
public enum AnnotationError: Error, Equatable, CustomStringConvertible {
  case noSuchPath(String)
  case cannotRead(String)
  case nothingFound([String])
  case sameOutput(String, inputs: [String])
  case cannotWrite(folder: String, reason: String)
  case damagedRecord(file: String)
  case noMap(picture: String, folder: String)
  case editedMapDoesNotFit(map: String, reason: String)
  case conflictingShards(name: String, folders: [String])
  case notAnAnnotationFolder(String)

  public var description: String {
    switch self {
    case .noSuchPath(let path): "there is no file or folder \(path)"
    case .cannotRead(let path): "the folder \(path) cannot be read"
    case .nothingFound(let paths):
      "no pictures in \(paths.joined(separator: ", ")); --recursive also looks into folders in folders"
    case .sameOutput(let output, let inputs):
      "\(inputs.joined(separator: " and ")) would both be written to \(output); rename one, or "
        + "annotate them into different folders with --out"
    case .cannotWrite(let folder, let reason): "nothing can be written to \(folder): \(reason)"
    case .damagedRecord(let file): "\(file) is damaged; delete it, and its picture is annotated anew"
    case .noMap(let picture, let folder): "no map for \(picture) in \(folder)"
    case .editedMapDoesNotFit(let map, let reason): "the edited map \(map) cannot be used: \(reason)"
    case .conflictingShards(let name, let folders):
      "\(name) was annotated differently in \(folders.joined(separator: " and "))"
    case .notAnAnnotationFolder(let folder):
      "\(folder) was not written by crayon annotate: it has no records"
    }
  }
}
