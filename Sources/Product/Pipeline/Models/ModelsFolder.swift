public import Foundation

/// Where weights are kept that are too large for the project.
public enum ModelsFolder {
  /// `CRAYON_MODELS`, else `$XDG_DATA_HOME/crayon/models`, else `~/.local/share/crayon/models`.
  public static var url: URL {
    if let path = variable("CRAYON_MODELS") { return URL(fileURLWithPath: path) }
    return DataFolder.url.appendingPathComponent("models")
  }

  /// A path as pipelines write it: `models:NAME` in the models folder, else relative to the pipeline's file.
  static func resolve(_ path: String, relativeTo file: URL) -> URL {
    if path.hasPrefix("models:") { return url.appendingPathComponent(String(path.dropFirst(7))) }
    return URL(fileURLWithPath: path, relativeTo: file.deletingLastPathComponent()).standardizedFileURL
  }
}

/// `$XDG_DATA_HOME/crayon`, else `~/.local/share/crayon`.
enum DataFolder {
  static var url: URL {
    if let path = variable("XDG_DATA_HOME") {
      return URL(fileURLWithPath: path).appendingPathComponent("crayon")
    }
    return FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".local/share/crayon")
  }
}

/// nil where the environment variable is not set, or empty.
func variable(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}
