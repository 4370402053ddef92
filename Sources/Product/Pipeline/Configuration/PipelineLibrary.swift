public import Foundation

/// Finds pipelines by name.
public enum PipelineLibrary {
  /// The folders that are searched, in order: `CRAYON_PIPELINES`, `Pipelines` in the current folder, beside
  /// the program or in a folder above it (as in a checkout), and crayon's data folder.
  public static var folders: [URL] {
    var folders: [URL] = []
    if let path = variable("CRAYON_PIPELINES") { folders.append(URL(fileURLWithPath: path)) }
    folders.append(URL(fileURLWithPath: "Pipelines"))
    var above = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    while above.pathComponents.count > 1 {
      above.deleteLastPathComponent()
      folders.append(above.appendingPathComponent("Pipelines"))
    }
    folders.append(DataFolder.url.appendingPathComponent("pipelines"))
    return folders
  }

  /// All pipelines; the first of a name wins.
  public static func files() -> [URL] {
    var found: [String: URL] = [:]
    for folder in folders {
      let files =
        (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
      for file in files where file.pathExtension == "yaml" {
        let name = file.deletingPathExtension().lastPathComponent
        if found[name] == nil { found[name] = file }
      }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A pipeline by name, or by path where the name has a slash or ends in .yaml.
  /// - Throws: ``PipelineError``
  public static func pipeline(_ name: String) throws -> PipelineConfiguration {
    if name.contains("/") || name.hasSuffix(".yaml") {
      return try PipelineConfiguration(reading: URL(fileURLWithPath: name))
    }
    let files = files()
    if let file = files.first(where: { $0.deletingPathExtension().lastPathComponent == name }) {
      return try PipelineConfiguration(reading: file)
    }
    if name == defaultName { throw PipelineError.noWeightsYet(name: name) }
    throw PipelineError.notFound(
      name: name, known: files.map { $0.deletingPathExtension().lastPathComponent })
  }

  /// What is used where no pipeline is named.
  public static let defaultName = "pocket"
}
