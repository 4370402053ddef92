import Foundation

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
    // By bytes: names that only look alike are two files.
    let groups = Dictionary(grouping: entries.indices) { Data(text(entries[$0]).utf8) }
    var hasChanged = false
    for index in groups.values.filter({ $0.count > 1 }).joined() where change(&entries[index]) {
      hasChanged = true
    }
    return hasChanged
  }
}
