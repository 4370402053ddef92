public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One picture to annotate.
public struct AnnotationInput: Sendable, Equatable {
  /// Of the picture.
  public let url: URL
  /// Relative to the folder it was found in: by which maps that exist are looked for.
  public let name: String
  /// How the results list it.
  public internal(set) var listedName: String
  /// What its map, its overlay and its record are called, without their extensions.
  var file: String

  /// Memberwise.
  public init(url: URL, name: String) {
    self.url = url
    self.name = name
    listedName = name
    file = (name as NSString).deletingPathExtension
  }

  /// Absolute, links in it not followed: a picture is known by it.
  var path: String { url.standardizedFileURL.path }

  func failure(_ reason: String) -> AnnotationFailure {
    AnnotationFailure(file: listedName, path: path, reason: reason)
  }
}

/// A path or a name of a file by its bytes: two strings that look alike are equal to Swift, and two files on a disk.
struct FileKey: Hashable {
  private let bytes: Data

  init(_ text: String) { bytes = Data(text.utf8) }
}

/// The pictures that a command line means, and what it names besides.
public struct AnnotationInputs: Sendable, Equatable {
  /// In the order of their names.
  public var pictures: [AnnotationInput] = []
  /// What has a picture's name or was named, and cannot be one.
  public var failures: [AnnotationFailure] = []
  /// Files that are no pictures, and folders that were not searched.
  public var passedOver: [String] = []

  /// What a file ends in that is taken for a picture whatever it holds; files that are named themselves may end in
  /// anything.
  static let extensions: Set<String> = [
    "png", "jpg", "jpeg", "webp", "tif", "tiff", "gif", "bmp", "ppm", "pgm", "pbm", "pnm", "heic",
    "heif", "avif", "jp2", "jxl",
  ]

  /// Finds pictures.
  /// - Parameters:
  ///   - paths: files, and folders to be searched
  ///   - recursive: whether folders in folders are searched too
  ///   - excluding: a folder that is not searched, wherever it lies: where the results go
  ///   - isPicture: whether a file that ends in something else holds a picture
  /// - Throws: ``AnnotationError`` for a path that does not exist, or when nothing is found at all.
  public static func find(
    _ paths: [URL], recursive: Bool, excluding: URL, isPicture: @escaping (URL) -> Bool
  ) throws -> AnnotationInputs {
    var search = Search(
      recursive: recursive, isPicture: isPicture, visited: [FileKey(excluding.resolvingSymlinksInPath().path)])
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path.path, isDirectory: &isFolder) else {
        throw AnnotationError.noSuchPath(path.path)
      }
      if isFolder.boolValue {
        guard path.resolvingSymlinksInPath().path != excluding.resolvingSymlinksInPath().path else {
          throw AnnotationError.outputIsInput(path.path)
        }
        try search.look(throughNamed: path)
      } else {
        search.add(AnnotationInput(url: path, name: path.lastPathComponent))
      }
    }
    guard search.foundAnything else { throw AnnotationError.nothingFound(paths.map(\.path)) }
    var found = search.found
    // Beside others that have pictures, a folder without any is a mistake to be named.
    found.failures += search.emptyFolders.map { folder in
      AnnotationFailure(
        file: folder.lastPathComponent, path: folder.standardizedFileURL.path,
        reason: "no pictures in it" + (recursive ? "" : "; --recursive also looks into folders in folders"))
    }
    found.pictures.sort { ($0.name, $0.path) < ($1.name, $1.path) }
    return found
  }

  /// The state of a search.
  private struct Search {
    let recursive: Bool
    let isPicture: (URL) -> Bool
    /// Real paths of folders seen, so that a link back to one above ends.
    var visited: Set<FileKey>
    private(set) var found = AnnotationInputs()
    private(set) var emptyFolders: [URL] = []
    private var paths: Set<FileKey> = []
    /// Pictures that were come upon, also those that had been found before.
    private var met = 0

    init(recursive: Bool, isPicture: @escaping (URL) -> Bool, visited: Set<FileKey>) {
      self.recursive = recursive
      self.isPicture = isPicture
      self.visited = visited
    }

    var foundAnything: Bool { !found.pictures.isEmpty || !found.failures.isEmpty }

    /// A picture that is named twice is one.
    mutating func add(_ input: AnnotationInput) {
      met += 1
      if paths.insert(FileKey(input.path)).inserted { found.pictures.append(input) }
    }

    /// A folder of the command line.
    mutating func look(throughNamed folder: URL) throws {
      guard !visited.contains(FileKey(folder.resolvingSymlinksInPath().path)) else { return }
      let (pictures, failures) = (met, found.failures.count)
      try look(through: folder, prefix: "")
      if met == pictures, found.failures.count == failures { emptyFolders.append(folder) }
    }

    private mutating func look(through folder: URL, prefix: String) throws {
      guard visited.insert(FileKey(folder.resolvingSymlinksInPath().path)).inserted else { return }
      guard let names = DirectoryListing.names(in: folder.path) else {
        guard !prefix.isEmpty else { throw AnnotationError.cannotRead(folder.path) }
        fail(folder, prefix, "the folder cannot be read")
        return
      }
      for entry in names.sorted() where !entry.hasPrefix(".") {
        let url = folder.appendingPathComponent(entry)
        let name = prefix + entry
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
          let isText = !entry.unicodeScalars.contains("\u{FFFD}")
          fail(url, name, isText ? "it is a link that leads nowhere" : "its name is not UTF-8; rename it")
          continue
        }
        if isFolder.boolValue {
          if recursive {
            try look(through: url, prefix: name + "/")
          } else {
            found.passedOver.append(name + "/")
          }
        } else if extensions.contains(url.pathExtension.lowercased()) || isPicture(url) {
          add(AnnotationInput(url: url, name: name))
        } else {
          found.passedOver.append(name)
        }
      }
    }

    private mutating func fail(_ url: URL, _ name: String, _ reason: String) {
      found.failures.append(
        AnnotationFailure(file: name, path: url.standardizedFileURL.path, reason: reason))
    }
  }
}

/// The names in a folder. Foundation leaves out those that are not UTF-8; here their bytes that are none become U+FFFD.
private enum DirectoryListing {
  /// nil where the folder cannot be read.
  static func names(in path: String) -> [String]? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
          String(decodingCString: $0, as: UTF8.self)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

/// Names pictures and their files in the results so that no two share one, in the same way in whatever order they come.
///
/// A picture is called as in the folder where it was found ("x.png"); where that would be another's name too, both are
/// called by as much of their paths as tells them apart ("a/x.png", "b/x.png"). A file is called as the picture without
/// its extension; where two differ in nothing else, with it.
struct ResultNames {
  struct Entry: Equatable {
    /// Absolute.
    var path: String
    var name: String
    var file: String

    init(path: String, name: String, file: String? = nil) {
      self.path = path
      self.name = name
      self.file = file ?? Self.stem(name)
    }

    fileprivate static func stem(_ name: String) -> String { (name as NSString).deletingPathExtension }

    /// Takes one more folder of the path into the name, if there is one.
    fileprivate mutating func lengthen() -> Bool {
      let components = path.split(separator: "/")
      let count = name.split(separator: "/").count + 1
      guard count <= components.count else { return false }
      name = components.suffix(count).joined(separator: "/")
      file = Self.stem(name)
      return true
    }

    fileprivate mutating func nameInFull() -> Bool {
      guard file != name else { return false }
      file = name
      return true
    }
  }

  /// - Parameter entries: of different paths
  static func distinct(_ entries: [Entry]) -> [Entry] {
    var entries = entries
    while change(&entries, where: \.name, by: { $0.lengthen() }) {}
    while change(&entries, where: \.file, by: { $0.nameInFull() }) {}
    return entries
  }

  /// Changes all that share a text.
  private static func change(
    _ entries: inout [Entry], where text: (Entry) -> String, by change: (inout Entry) -> Bool
  ) -> Bool {
    let groups = Dictionary(grouping: entries.indices) { FileKey(text(entries[$0])) }
    var hasChanged = false
    for index in groups.values.filter({ $0.count > 1 }).joined() where change(&entries[index]) {
      hasChanged = true
    }
    return hasChanged
  }
}
