public import Foundation

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
  /// Paths of what was passed over, and of the folders that were searched: what was wrong with them before is not now.
  var settled: [String] = []

  private static let extensions: Set<String> = [
    "png", "jpg", "jpeg", "webp", "tif", "tiff", "gif", "bmp", "ppm", "pgm", "pbm", "pnm", "heic",
    "heif", "avif", "jp2", "jxl",
  ]

  /// Whether a file ends in what is taken for a picture whatever it holds; files that are named themselves may end in
  /// anything.
  static func endsAsPicture(_ name: String) -> Bool {
    extensions.contains((name as NSString).pathExtension.lowercased())
  }

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
    var search = Search(recursive: recursive, isPicture: isPicture, excluding: excluding)
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
    return try search.result(of: paths)
  }

  /// The state of a search.
  private struct Search {
    /// What is no picture; its key is that by which it would be known had it been named itself.
    private struct Skipped {
      let url: URL
      let name: String
      let key: FileKey
    }

    private let recursive: Bool
    private let isPicture: (URL) -> Bool
    /// By their real paths, so that a link back to one above ends: whether there is anything in them that is a picture, or
    /// should be one.
    private var folders: [FileKey: Bool]
    private var found = AnnotationInputs()
    private var paths: Set<FileKey> = []
    private var searched: [URL] = []
    private var emptyFolders: [URL] = []
    private var skipped: [Skipped] = []

    init(recursive: Bool, isPicture: @escaping (URL) -> Bool, excluding: URL) {
      self.recursive = recursive
      self.isPicture = isPicture
      folders = [Self.key(excluding): false]
    }

    private static func key(_ folder: URL) -> FileKey { FileKey(folder.resolvingSymlinksInPath().path) }

    /// A picture that is named twice is one.
    mutating func add(_ input: AnnotationInput) {
      if paths.insert(FileKey(input.path)).inserted { found.pictures.append(input) }
    }

    /// A folder of the command line.
    mutating func look(throughNamed folder: URL) throws {
      guard folders[Self.key(folder)] == nil else { return }
      if try !look(through: folder, prefix: "") { emptyFolders.append(folder) }
    }

    /// - Returns: whether there is anything in it that is a picture, or should be one
    private mutating func look(through folder: URL, prefix: String) throws -> Bool {
      let key = Self.key(folder)
      if let known = folders[key] { return known }
      folders[key] = false
      guard let names = DirectoryListing.names(in: folder.path) else {
        guard !prefix.isEmpty else { throw AnnotationError.cannotRead(folder.path) }
        fail(folder, prefix, "the folder cannot be read")
        return true
      }
      searched.append(folder)
      var isOfUse = false
      for entry in names.sorted() where !entry.hasPrefix(".") {
        let url = folder.appendingPathComponent(entry)
        let name = prefix + entry
        var isFolder: ObjCBool = false
        if !FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) {
          let isMangled = DirectoryListing.isMangled(entry)
          fail(url, name, isMangled ? "its name is not UTF-8; rename it" : "it is a link that leads nowhere")
          isOfUse = true
        } else if isFolder.boolValue && recursive {
          if try look(through: url, prefix: name + "/") { isOfUse = true }
        } else if isFolder.boolValue {
          skipped.append(Skipped(url: url, name: name + "/", key: Self.key(url)))
        } else if endsAsPicture(entry) || isPicture(url) {
          add(AnnotationInput(url: url, name: name))
          isOfUse = true
        } else {
          skipped.append(Skipped(url: url, name: name, key: FileKey(url.standardizedFileURL.path)))
        }
      }
      folders[key] = isOfUse
      return isOfUse
    }

    private mutating func fail(_ url: URL, _ name: String, _ reason: String) {
      found.failures.append(
        AnnotationFailure(file: name, path: url.standardizedFileURL.path, reason: reason))
    }

    /// - Throws: ``AnnotationError/nothingFound(_:)``
    func result(of named: [URL]) throws -> AnnotationInputs {
      var found = found
      guard !found.pictures.isEmpty || !found.failures.isEmpty else {
        throw AnnotationError.nothingFound(named.map(\.path))
      }
      // Beside others that have pictures, a folder without any is a mistake to be named.
      found.failures += emptyFolders.map { folder in
        AnnotationFailure(
          file: folder.lastPathComponent, path: folder.standardizedFileURL.path,
          reason: "no pictures in it" + (recursive ? "" : "; --recursive also looks into folders in folders"))
      }
      found.pictures.sort { ($0.name, $0.path) < ($1.name, $1.path) }
      // What is named itself is not passed over in the folder above it.
      let skipped = skipped.filter { folders[$0.key] == nil && !paths.contains($0.key) }
      found.passedOver = skipped.map(\.name)
      let failed = Set(found.failures.map { FileKey($0.path) })
      found.settled = (searched + skipped.map(\.url)).map(\.standardizedFileURL.path).filter {
        !failed.contains(FileKey($0))
      }
      return found
    }
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
