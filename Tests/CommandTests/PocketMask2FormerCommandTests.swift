import Foundation
import HubTestSupport
import TestSupport
import Testing

/// Pocket behind a published segmenter, as a person comes to it: pulled from a hub on this machine that has random weights
/// in the published layout, and asked.
@Suite struct PocketMask2FormerCommandTests {
  @Test(
    .enabled(if: Models.haveSmolLM2, "the language base is not in the models folder; make models fetches it"),
    arguments: ["tiny", "large"])
  func pullAndAsk(size: String) async throws {
    let hub = try await TinyHub()
    let name = "pocket-mask2former-\(size)"
    let picture = Fixtures.folder.appendingPathComponent("2-Panoptic/mask2former-\(size)/picture.png").path
    func ask(_ question: String) throws -> CrayonProcess.Result {
      try hub.run("ask", picture, question, "--pipeline", name, "--json")
    }
    // Each thing that is missing is said with what gets it.
    let first = try ask("how many zebras are there?")
    #expect(first.status == 3)
    #expect(first.errors.hasSuffix("get it with: crayon models pull \(name)\n"), "\(first.errors)")
    // The tiny one's bytes are known, and these are others.
    let known = try hub.run("models", "pull", name)
    #expect((known.status == 3) == (size == "tiny"), "\(known.errors)")
    if size == "tiny" {
      #expect(
        known.errors.contains(
          "has another model.safetensors than the one that crayon knows (190052872 bytes, SHA-256 8e154c4f…); --revision "
            + "main takes what is there"), "\(known.errors)")
    }
    let pulled = try hub.run("models", "pull", name, "--revision", "main")
    #expect(pulled.status == 0, "\(pulled.errors)")
    #expect(
      try hub.names("mask2former-swin-\(size)-coco-panoptic")
        == [".crayon-source.json", "config.json", "model.safetensors", "preprocessor_config.json"])
    #expect(
      pulled.errors == "note: SmolLM2-135M-Instruct does not come from the hub; get it with: make models\n")
    let second = try ask("how many zebras are there?")
    #expect(second.status == 3)
    #expect(second.errors.hasSuffix("get it with: make models\n"), "\(second.errors)")
    try FileManager.default.createSymbolicLink(
      at: hub.models.appendingPathComponent("SmolLM2-135M-Instruct"),
      withDestinationURL: Models.smolLM2.deletingLastPathComponent())

    let answered = try ask("how many zebras are there?")
    #expect(answered.status == 0, "\(answered.errors)")
    let answer = try AskCommandTests.json(answered)
    #expect((answer["answer"] as? String)?.isEmpty == false)
    #expect((answer["segments"] as? [Any])?.isEmpty == false)
    // Pocket's own segmenter has no word for zebras; this one has.
    #expect(answer["unseen"] as? [String] == [])
    #expect((answer["evidence"] as? [String: Any])?["category"] as? [String] == ["zebra"])
    let checked = try hub.run("pipelines", "check", name)
    #expect(
      checked.status == 0 && checked.output == "\(name) is complete: 133 categories\n", "\(checked.errors)")
    try await hub.server.stop()
  }

  @Test func theyAreListed() throws {
    let listed = try CrayonProcess.run("pipelines", "list")
    #expect(listed.status == 0, "\(listed.errors)")
    for size in ["tiny", "large"] {
      #expect(listed.output.contains("pocket-mask2former-\(size): pocket with maps by Mask2Former, "))
    }
  }
}
