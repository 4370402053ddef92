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

  /// The names of all of them.
  public static func names() -> [String] { files().map { $0.deletingPathExtension().lastPathComponent } }

  /// A pipeline by name, or by path where the name has a slash or ends in .yaml. Behind an `@` may stand which of
  /// several models it is to take: `collavo-7b@CoLLaVO-7B-nf4`.
  /// - Throws: ``PipelineError``
  public static func pipeline(_ text: String) throws -> PipelineConfiguration {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let (name, preferred) = (parts[0], parts.count > 1 ? parts[1] : nil)
    let pipeline = try pipeline(name, preferring: preferred)
    if let preferred, !pipeline.modelsInUse.contains(preferred) {
      throw PipelineError.unknownModel(preferred, known: pipeline.models)
    }
    return pipeline
  }

  private static func pipeline(_ name: String, preferring preferred: String?) throws -> PipelineConfiguration {
    if name.contains("/") || name.hasSuffix(".yaml") {
      return try PipelineConfiguration(reading: URL(fileURLWithPath: name), preferring: preferred)
    }
    let files = files()
    if let file = files.first(where: { $0.deletingPathExtension().lastPathComponent == name }) {
      return try PipelineConfiguration(reading: file, preferring: preferred)
    }
    if name == defaultName { throw PipelineError.noWeightsYet(name: name) }
    throw PipelineError.notFound(name: name, known: names())
  }

  /// What is used where no pipeline is named.
  public static let defaultName = "pocket"
}
