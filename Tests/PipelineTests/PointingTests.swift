import Foundation
import Pipeline
import TestSupport
import Testing

/// A language model that was trained to point is loaded only with the heads that answer it.
@Suite struct PointingTests {
  static let pocket = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Pipelines/pocket.yaml")

  static let trained =
    "p.yaml: the language model of the pipeline \"p\" was trained to point with <filename> and <empty_output>, "
  static let withoutHeads =
    trained + "but no heads answer that; give it the grounding of pocket.yaml (grounding.kind: pix2emb)"
  static let remedy = "set grounding.trigger to <filename> and grounding.slot to <empty_output>"
  /// What comes next where nothing is wrong with the file: none of its weights are beside it.
  static let accepted = "the language model of the pipeline \"p\" is missing: there is no models:"

  /// What `pocket.yaml` is loaded as, changed, and without any weights.
  static func failure(_ change: (inout String) -> Void) throws -> String {
    let folder = try TemporaryFolder()
    var text = try String(contentsOf: pocket, encoding: .utf8).replacingOccurrences(
      of: "models:", with: "./models:")
    change(&text)
    try Data(text.utf8).write(to: folder.file("p.yaml"))
    let configuration = try PipelineConfiguration(reading: folder.file("p.yaml"))
    do {
      _ = try Pipeline(configuration, makesMaps: false, cache: nil)
      return "loaded"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.url.path + "/", with: "")
    }
  }

  @Test(arguments: [
    ("", "", accepted),
    (
      "trigger: <filename>", "trigger: <jupyter_code>",
      trained + "but grounding answers <jupyter_code> and <empty_output>; " + remedy
    ),
    (
      "slot: <empty_output>", "slot: <filename>",
      trained + "but grounding answers <filename> and <filename>; " + remedy
    ),
    // Not trained by this project, or not in its prompt: then nothing is known of how the model points.
    ("  adapters: pocket/adapters.safetensors\n", "", accepted),
    ("kind: pocket", "kind: collavo-demo", accepted),
  ])
  func tokens(old: String, new: String, sentence: String) throws {
    let failure = try Self.failure { text in
      if !old.isEmpty {
        #expect(text.contains(old))
        text = text.replacingOccurrences(of: old, with: new)
      }
    }
    #expect(failure.hasPrefix(sentence), "\(failure)")
  }

  /// - Parameter grounding: in place of pocket's
  @Test(arguments: ["", "grounding:\n  kind: map\n"])
  func noHeads(grounding: String) throws {
    func removeHeads(_ text: inout String) {
      if let start = text.range(of: "grounding:") { text = text[..<start.lowerBound] + grounding }
    }
    #expect(try Self.failure(removeHeads) == Self.withoutHeads)
    // SmolLM2 alone does not point.
    let untrained = try Self.failure { text in
      removeHeads(&text)
      text = text.replacingOccurrences(of: "  adapters: pocket/adapters.safetensors\n", with: "")
    }
    #expect(untrained.hasPrefix(Self.accepted), "\(untrained)")
  }
}
