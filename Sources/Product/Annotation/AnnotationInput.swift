public import Foundation

/// One picture to annotate.
public struct AnnotationInput: Sendable, Equatable {
  public let url: URL
  /// As the picture is named in the results: relative to the folder it was found in.
  public let name: String

  /// The name with another extension: what its map and overlay are called.
  func name(withExtension newExtension: String) -> String {
    (name as NSString).deletingPathExtension + "." + newExtension
  }
}

/// Finds the pictures that a command line means.
public enum AnnotationInputs {
  /// What a file must end in to be looked at in a folder; files that are named themselves may end in anything.
  static let extensions: Set<String> = [
    "png", "jpg", "jpeg", "webp", "tif", "tiff", "gif", "bmp", "ppm", "pgm", "pbm", "pnm", "heic",
    "heif", "avif", "jp2", "jxl",
  ]

  /// All pictures in the order of their names.
  /// - Parameters:
  ///   - paths: files, and folders to be searched
  ///   - recursive: whether folders in folders are searched too
  ///   - excluding: a folder that is not searched, wherever it lies: where the results go
  /// - Throws: ``AnnotationError`` for a path that does not exist, when nothing is found, or when two
  ///   pictures would have one name.
  public static func find(
    _ paths: [URL], recursive: Bool, excluding: URL
  ) throws -> [AnnotationInput] {
    var inputs: [AnnotationInput] = []
    // Real paths of folders seen, so that a link back to one above ends.
    var visited: Set<String> = [excluding.resolvingSymlinksInPath().path]
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path.path, isDirectory: &isFolder) else {
        throw AnnotationError.noSuchPath(path.path)
      }
      if isFolder.boolValue {
        try search(path, prefix: "", recursive: recursive, visited: &visited, into: &inputs)
      } else {
        inputs.append(AnnotationInput(url: path, name: path.lastPathComponent))
      }
    }
    guard !inputs.isEmpty else { throw AnnotationError.nothingFound(paths.map(\.path)) }
    inputs.sort { $0.name < $1.name }
    try refuseCollisions(inputs)
    return inputs
  }

  private static func search(
    _ folder: URL, prefix: String, recursive: Bool, visited: inout Set<String>,
    into inputs: inout [AnnotationInput]
  ) throws {
    guard visited.insert(folder.resolvingSymlinksInPath().path).inserted else { return }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw AnnotationError.cannotRead(folder.path)
    }
    for name in names.sorted() where !name.hasPrefix(".") {
      let url = folder.appendingPathComponent(name)
      var isFolder: ObjCBool = false
      // False for a link that leads nowhere, or round in a circle.
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
      if !isFolder.boolValue {
        guard extensions.contains(url.pathExtension.lowercased()) else { continue }
        inputs.append(AnnotationInput(url: url, name: prefix + name))
      } else if recursive {
        try search(url, prefix: prefix + name + "/", recursive: true, visited: &visited, into: &inputs)
      }
    }
  }

  private static func refuseCollisions(_ inputs: [AnnotationInput]) throws {
    var seen: [String: AnnotationInput] = [:]
    for input in inputs {
      let output = input.name(withExtension: "png")
      if let other = seen.updateValue(input, forKey: output) {
        throw AnnotationError.sameOutput(output, inputs: [other.url.path, input.url.path].sorted())
      }
    }
  }
}
