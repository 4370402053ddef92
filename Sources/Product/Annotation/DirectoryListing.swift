import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What lies in folders. Foundation leaves out names that are not UTF-8; here their bytes that are none become U+FFFD.
enum DirectoryListing {
  /// The names in a folder, in no order.
  /// - Returns: nil where the folder cannot be read
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

  /// Whether a name that leads to nothing does so as bytes of it became U+FFFD.
  static func isMangled(_ name: String) -> Bool { name.unicodeScalars.contains("\u{FFFD}") }

  /// The files below a folder by their paths from it, in order, but for what is hidden. Folders that are links, or cannot
  /// be read, are not searched; they are among the files, with a slash behind.
  static func files(below folder: URL) -> [String] {
    var found: [String] = []
    func look(through path: String, prefix: String) {
      guard let names = names(in: path) else {
        if !prefix.isEmpty { found.append(prefix) }
        return
      }
      for name in names where !name.hasPrefix(".") {
        let place = path + "/" + name
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
        if !exists || !isFolder.boolValue {
          found.append(prefix + name)
        } else if (try? FileManager.default.destinationOfSymbolicLink(atPath: place)) != nil {
          found.append(prefix + name + "/")
        } else {
          look(through: place, prefix: prefix + name + "/")
        }
      }
    }
    look(through: folder.path, prefix: "")
    return found.sorted()
  }
}
