import Foundation
import Pipeline
import TestSupport
import Testing

/// A pipeline's file that is not what it should be is refused with its line and key.
@Suite struct PipelineConfigurationTests {
  static func sentence(_ text: String) throws -> String {
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.file("p.yaml"))
    do {
      _ = try PipelineConfiguration(reading: folder.file("p.yaml"))
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.url.path + "/", with: "")
    }
  }

  @Test(arguments: [
    ("segmenter:\n  kind: mask2former\n  weights: models:m\n", "accepted"),
    ("description: d\n", "p.yaml:1: the key \"segmenter\" is missing"),
    ("segmenter:\n  kind: mask2former\n", "p.yaml:2: the key \"segmenter.weights\" is missing"),
    ("segmenter: mask2former\n", "p.yaml:1: \"segmenter\" is \"mask2former\", but must be a mapping"),
    (
      "segmenter:\n  kind: sam\n  weights: w\n",
      "p.yaml:2: \"segmenter.kind\" is \"sam\", but must be mask2former"
    ),
    (
      "segmenter:\n  kind: mask2former\n  weights: w\n  threshold: 2\n",
      "p.yaml:4: \"segmenter.threshold\" is \"2\", but must be a number from 0.0 to 1.0"
    ),
    (
      "segmenter:\n  kind: mask2former\n  weights: w\n  treshold: 0.2\n",
      "p.yaml:4: unknown key \"segmenter.treshold\"; known here are fuse, kind, mask_threshold, "
        + "overlap_threshold, threshold, weights"
    ),
    ("just words\n", "p.yaml:1: this is not a YAML mapping"),
    ("a: [1\n", "p.yaml:2: this is not a YAML mapping"),
  ])
  func sentences(text: String, sentence: String) throws {
    #expect(try Self.sentence(text) == sentence)
  }

  @Test func everyPipelineOfTheProjectReads() throws {
    let folder = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Pipelines")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      #expect(try !PipelineConfiguration(reading: file).description.isEmpty)
    }
  }
}
