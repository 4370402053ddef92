import Crypto
import Foundation
import TestSupport
import Testing

/// Every stored reference is as its script wrote it, and none is without a script.
@Suite struct FixtureManifestTests {
  struct Entry: Decodable {
    var sha256: String
    var script: String
  }

  @Test func everyFixtureIsListedAndUnchanged() throws {
    let manifest = Fixtures.folder.appendingPathComponent("MANIFEST.json")
    let entries = try JSONDecoder().decode([String: Entry].self, from: Data(contentsOf: manifest))
    var found: Set<String> = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: Fixtures.folder.path)
    where path != "MANIFEST.json" {
      let file = Fixtures.folder.appendingPathComponent(path)
      guard let data = FileManager.default.contents(atPath: file.path) else { continue }
      let digest = SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
      #expect(entries[path]?.sha256 == digest, "\(path) is not as its script wrote it")
      found.insert(path)
    }
    let lost = Set(entries.keys).subtracting(found).sorted()
    #expect(lost.isEmpty)
    let scripts = Fixtures.folder.deletingLastPathComponent().appendingPathComponent("Reference")
    for script in Set(entries.values.map(\.script)) {
      let file = scripts.appendingPathComponent(script)
      #expect(FileManager.default.fileExists(atPath: file.path), "\(script) is missing")
    }
  }
}
