import CrayonCore
public import Foundation

/// Weights too large for the project, in the models folder: `CRAYON_MODELS`, else `$XDG_DATA_HOME/crayon/models`,
/// else `~/.local/share/crayon/models`. `make test` puts the language base there.
public enum Models {
  public static let folder: URL = {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["CRAYON_MODELS"], !path.isEmpty { return URL(fileURLWithPath: path) }
    let data =
      environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0) }
      ?? HomeFolder.url.appendingPathComponent(".local/share")
    return data.appendingPathComponent("crayon/models")
  }()

  public static let smolLM2 = folder.appendingPathComponent(
    "SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf")

  public static var haveSmolLM2: Bool { FileManager.default.fileExists(atPath: smolLM2.path) }
}
