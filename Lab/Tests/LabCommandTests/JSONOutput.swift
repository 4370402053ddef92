import Foundation
import TestSupport
import Testing

/// What a command prints with `--json`.
enum JSONOutput {
  static func object(_ result: CrayonProcess.Result) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }
}
