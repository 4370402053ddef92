import Foundation
import TestSupport
import Testing

@testable import Checkpoints

/// What is known of a weight file from parts of it is what is known from all of it.
@Suite struct CheckpointSketchTests {
  static let folder = Fixtures.folder.appendingPathComponent("Checkpoints")

  /// Reads parts, and counts what is read.
  final class Source {
    let data: Data
    var count = 0

    init(_ url: URL) throws { data = try Data(contentsOf: url) }

    func read(_ range: Range<Int>) -> Data {
      count += range.count
      return data.subdata(in: range)
    }
  }

  static func sketch(_ source: Source, beginning: Int, ending: Int, in folder: borrowing TemporaryFolder)
    async throws -> URL
  {
    let url = folder.file("sketch")
    try await CheckpointSketch.write(
      to: url, size: source.data.count, beginning: beginning, ending: ending, read: source.read)
    return url
  }

  static func describe(_ url: URL) -> [String] {
    do {
      return try Checkpoint(file: url).entries.map { "\($0.name) \($0.elementType) \($0.shape)" }
    } catch {
      return ["\(error)".replacingOccurrences(of: url.path, with: "FILE")]
    }
  }

  @Test(arguments: [(512, 512), (4096, 300), (64 << 10, 96 << 10)])
  func everyStoredFile(beginning: Int, ending: Int) async throws {
    var files = ["Checkpoints/every.safetensors", "Checkpoints/unsigned.safetensors"]
    files += [
      "every", "views", "module", "parameters", "nested", "protocol4", "expanded", "legacy", "malicious",
    ]
    .map { "Checkpoints/\($0).bin" }
    files += ["bigendian", "compressed", "zip64"].map { "Checkpoints/\($0).bin" }
    files += (1...4).map { "NExTChat/pytorch_model-0000\($0)-of-00004.bin" }
    files.append("CoLLaVO/model-00001-of-00002.safetensors")
    for name in files {
      let folder = try TemporaryFolder()
      let url = Fixtures.folder.appendingPathComponent(name)
      let sketch = try await Self.sketch(Source(url), beginning: beginning, ending: ending, in: folder)
      #expect(Self.describe(sketch) == Self.describe(url), "\(name)")
    }
  }

  /// Of the largest stored file, a small part is read.
  @Test func valuesAreNotRead() async throws {
    let folder = try TemporaryFolder()
    let source = try Source(Fixtures.folder.appendingPathComponent("NExTChat/pytorch_model-00003-of-00004.bin"))
    let sketch = try await Self.sketch(source, beginning: 512, ending: 512, in: folder)
    #expect(source.count < source.data.count / 3)
    #expect(try Checkpoint(file: sketch).entries.count > 20)
  }

  /// Files that end early, or lie about where things are, say of themselves what the whole says.
  @Test(arguments: ["Checkpoints/module.bin", "Checkpoints/every.safetensors"])
  func mutated(name: String) async throws {
    let folder = try TemporaryFolder()
    let url = Fixtures.folder.appendingPathComponent(name)
    let original = try Data(contentsOf: url)
    var numbers = SeededNumbers(seed: 7)
    for round in 0..<200 {
      var data = original
      if round % 4 == 0 { data = data.prefix(Int.random(in: 1..<data.count, using: &numbers)) }
      for _ in 0..<round % 3 { data[Int.random(in: 0..<data.count, using: &numbers)] ^= 0x41 }
      let file = folder.file("whole")
      try data.write(to: file)
      let source = try Source(file)
      let sketch = try await Self.sketch(source, beginning: 300, ending: 300, in: folder)
      // What is said may differ where the damage is in what is not read; neither may crash.
      _ = Self.describe(sketch)
      #expect(source.count <= 3 * data.count + 8192)
    }
  }
}
