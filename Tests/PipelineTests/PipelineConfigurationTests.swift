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

  static let answering = """
    segmenter:
      kind: mask2former
      weights: models:m
    crayon:
      kind: tables
      weights: c.safetensors
      grid: 16
    vision:
      kind: clip
      weights: v
      connector: c.safetensors
      size: 256
    fusion:
      kind: pocket
      crayon: tokens
    language:
      kind: gguf
      weights: l.gguf

    """

  @Test(arguments: [
    ("segmenter:\n  kind: mask2former\n  weights: models:m\n", "accepted"),
    ("description: d\n", "p.yaml:1: the key \"segmenter\" is missing"),
    ("segmenter:\n  kind: mask2former\n", "p.yaml:2: the key \"segmenter.weights\" is missing"),
    ("segmenter: mask2former\n", "p.yaml:1: \"segmenter\" is \"mask2former\", but must be a mapping"),
    (
      "segmenter:\n  kind: sam\n  weights: w\n",
      "p.yaml:2: \"segmenter.kind\" is \"sam\", but must be mask2former, crayon-panoptic, bottom-up"
    ),
    ("segmenter:\n  kind: crayon-panoptic\n  weights: w\n  size: 640\n", "accepted"),
    (
      "segmenter:\n  kind: crayon-panoptic\n  weights: w\n  size: 600\n",
      "p.yaml:4: \"segmenter.size\" is \"600\", but must be a multiple of 128"
    ),
    (
      "segmenter:\n  kind: mask2former\n  weights: w\n  threshold: 2\n",
      "p.yaml:4: \"segmenter.threshold\" is \"2\", but must be a number from 0.0 to 1.0"
    ),
    (
      "segmenter:\n  kind: mask2former\n  weights: w\n  treshold: 0.2\n",
      "p.yaml:4: unknown key \"segmenter.treshold\"; known here are decided_at, fuse, kind, mask_threshold, "
        + "overlap_threshold, squash, threshold, weights"
    ),
    (
      answering.replacingOccurrences(of: "kind: clip", with: "kind: clop"),
      "p.yaml:9: \"vision.kind\" is \"clop\", but must be clip, collavo, nextchat"
    ),
    (
      answering.replacingOccurrences(of: "grid: 16", with: "grid: 0"),
      "p.yaml:7: \"crayon.grid\" is \"0\", but must be a whole number from 1 to 256"
    ),
    (
      answering.replacingOccurrences(of: "  crayon: tokens", with: "  crayons: tokens"),
      "p.yaml:15: unknown key \"fusion.crayons\"; known here are crayon, kind"
    ),
    (
      answering.replacingOccurrences(of: "  size: 256\n", with: ""),
      "p.yaml:9: the key \"vision.size\" is missing"
    ),
    (
      "segmenter:\n  kind: mask2former\n  weights: models:m\nfusion:\n  kind: pocket\n",
      "p.yaml:1: the key \"crayon\" is missing"
    ),
    (answering, "accepted"),
    ("just words\n", "p.yaml:1: this is not a YAML mapping"),
    ("a: [1\n", "p.yaml:2: this is not YAML: did not find expected ',' or ']'"),
  ])
  func sentences(text: String, sentence: String) throws {
    #expect(try Self.sentence(text) == sentence)
  }

  @Test func everyPipelineOfTheProjectReads() throws {
    let folder = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Pipelines")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "yaml" }
    #expect(!files.isEmpty)
    for file in files {
      #expect(try !PipelineConfiguration(reading: file).description.isEmpty)
    }
  }

  @Test func whatIsNoYAMLIsSaid() throws {
    #expect(
      try Self.sentence("segmenter:\n  kind: mask2former\n  kind: bottom-up\n")
        == "p.yaml:2: in the mapping that begins here these keys stand twice: kind")
    #expect(try Self.sentence("segmenter:\n\tkind: x\n").hasPrefix("p.yaml:2: this is not YAML: "))
    #expect(try Self.sentence("- a\n") == "p.yaml:1: this is not a YAML mapping")
  }

  /// Aliases of aliases stand for more nodes than there is time for.
  @Test(.timeLimit(.minutes(1))) func aliasesOfAliases() throws {
    var text = "segmenter:\n  kind: mask2former\n  weights: w\na: &a [x, x, x, x, x, x, x, x, x]\n"
    for (name, previous) in zip("bcdefghijk", "abcdefghij") {
      text += "\(name): &\(name) [" + Array(repeating: "*\(previous)", count: 9).joined(separator: ", ") + "]\n"
    }
    #expect(try Self.sentence(text).hasPrefix("p.yaml:4: unknown key \"a\""))
  }
}
