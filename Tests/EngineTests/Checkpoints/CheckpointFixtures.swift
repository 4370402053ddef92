import Checkpoints
import Foundation
import TestSupport
import Testing

/// The files that `Tests/Reference/checkpoints.py` made, and what is in them.
enum CheckpointFixtures {
  static let folder = Fixtures.folder.appendingPathComponent("Checkpoints")

  static func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

  struct Expected: Decodable {
    enum Values: Decodable, Equatable {
      case floats([Double])
      case integers([Int])

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let integers = try? container.decode([Int].self) {
          self = .integers(integers)
        } else {
          // Hexadecimal, so that no digit is lost.
          self = .floats(
            try container.decode([String].self).map { text in
              try #require(Double(text), "\(text) is no number")
            })
        }
      }
    }
    let shape: [Int]
    let values: Values
  }

  static func expected(_ file: String) throws -> [String: Expected] {
    let all = try JSONDecoder().decode(
      [String: [String: Expected]].self, from: Data(contentsOf: url("expected.json")))
    return try #require(all[file])
  }

  /// Opens a file as what its extension says.
  static func open(_ name: String) throws -> Checkpoint {
    name.hasSuffix(".safetensors")
      ? try Checkpoint(safetensors: url(name)) : try Checkpoint(torch: url(name))
  }

  /// Runs `body` with a folder that exists as long as the call.
  static func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("crayon-checkpoints-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }
}

/// A safetensors file in memory: a header as given, then `data` bytes that count upwards.
func safetensors(_ header: String, data: Int = 0, claiming length: UInt64? = nil) -> MappedFile {
  var bytes: [UInt8] = []
  withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { bytes += $0 }
  bytes += header.utf8
  bytes += (0..<data).map { UInt8(truncatingIfNeeded: $0) }
  return MappedFile(copying: bytes, path: "file")
}
