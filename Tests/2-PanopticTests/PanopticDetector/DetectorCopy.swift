import Foundation
import TestSupport
import Testing

/// A folder with the pocket pipeline's segmenter that a test may damage.
struct DetectorCopy: ~Copyable {
  private let temporary: TemporaryFolder
  var folder: URL { temporary.url }

  init() throws {
    let temporary = try TemporaryFolder()
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        at: PanopticDetectorParityTests.folder.appendingPathComponent(name), to: temporary.file(name))
    }
    self.temporary = temporary
  }

  /// Changes `config.json`.
  func edit(_ change: (inout [String: Any]) throws -> Void) throws {
    let file = temporary.file("config.json")
    var config = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    try change(&config)
    try JSONSerialization.data(withJSONObject: config).write(to: file)
  }
}
