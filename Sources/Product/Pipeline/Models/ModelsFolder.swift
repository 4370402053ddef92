import CrayonCore
public import Foundation

/// Where weights are kept that are too large for the project.
public enum ModelsFolder {
  /// `CRAYON_MODELS`, else `$XDG_DATA_HOME/crayon/models`, else `~/.local/share/crayon/models`.
  public static var url: URL {
    if let elsewhere { return elsewhere }
    if let path = variable("CRAYON_MODELS") { return URL(fileURLWithPath: path) }
    return DataFolder.url.appendingPathComponent("models")
  }

  /// Another folder, for as long as something is looked at there.
  @TaskLocal static var elsewhere: URL?

  /// How pipelines' files begin a path in the models folder.
  static let prefix = "models:"

  /// The folder of a reference such as `models:NAME/file`, or nil.
  static func model(of reference: String) -> String? {
    guard reference.hasPrefix(prefix) else { return nil }
    return reference.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
  }

  /// A path as pipelines write it: `models:NAME` in the models folder, else relative to the pipeline's file.
  static func resolve(_ path: String, relativeTo file: URL) -> URL {
    if path.hasPrefix(prefix) { return url.appendingPathComponent(String(path.dropFirst(prefix.count))) }
    return URL(fileURLWithPath: path, relativeTo: file.deletingLastPathComponent()).standardizedFileURL
  }
}

/// `$XDG_DATA_HOME/crayon`, else `~/.local/share/crayon`.
enum DataFolder {
  static var url: URL {
    if let path = variable("XDG_DATA_HOME") {
      return URL(fileURLWithPath: path).appendingPathComponent("crayon")
    }
    return HomeFolder.url.appendingPathComponent(".local/share/crayon")
  }
}

/// nil where the environment variable is not set, or empty.
func variable(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}
