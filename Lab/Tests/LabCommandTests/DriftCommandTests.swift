import Checkpoints
import Foundation
import HubTestSupport
import Tensors
import TestSupport
import Testing

/// `crayon drift` on models of a hub on this machine.
@Suite struct DriftCommandTests {
  static let picture = Fixtures.folder.appendingPathComponent("CoLLaVOPipeline/picture.png").path

  /// Of two models that a pipeline names, one whose last layer is another: that stage drifts, and no other.
  @Test func drift() async throws {
    let hub = try await TinyHub()
    #expect(try hub.run("models", "pull", "collavo-7b").status == 0)
    try await hub.server.stop()
    let (whole, other) = (
      hub.models.appendingPathComponent("CoLLaVO-7B"), hub.models.appendingPathComponent("CoLLaVO-7B-nf4")
    )
    try FileManager.default.copyItem(at: whole, to: other)
    func rows(_ variant: String) throws -> [String: [String: Double]] {
      let result = try hub.run(
        "drift", "collavo-7b@CoLLaVO-7B", variant, Self.picture, "--max-tokens", "6", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      let rows = try #require(value?["rows"] as? [[String: Any]])
      return Dictionary(
        rows.compactMap { row in
          (row["measure"] as? String).map { ($0, row.compactMapValues { $0 as? Double }) }
        }, uniquingKeysWith: { first, _ in first })
    }
    let same = try rows("collavo-7b@CoLLaVO-7B-nf4")
    #expect(same.count == 7)
    for (measure, row) in same {
      let none = measure.contains("KL") ? 0.0 : 1
      #expect(abs((row["worst"] ?? .nan) - none) < 1e-9, "\(measure)")
    }
    var writer = SafetensorsWriter()
    for entry in try Checkpoint(folder: whole).entries { writer[entry.name] = .stored(entry) }
    let head = try Checkpoint(folder: whole).tensor("output.weight")
    writer["output.weight"] = .float16(Tensor(head.values.map { $0 * 1.5 }, shape: head.shape))
    try writer.write(to: other.appendingPathComponent("model.safetensors"))
    let sharper = try rows("collavo-7b@CoLLaVO-7B-nf4")
    #expect((sharper["language: KL of logits (nats)"]?["mean"] ?? 0) > 1e-3)
    #expect(sharper["language: same likeliest token"]?["mean"] == 1)
    #expect(abs((sharper["language: cosine of hidden states"]?["worst"] ?? 0) - 1) < 1e-9)

    let unlike = try hub.run("drift", "collavo-7b", "collavo-7b-evaluation", Self.picture)
    #expect(unlike.status == 64)
    #expect(unlike.errors.contains("do not read the same prompt"), "\(unlike.errors)")
    let nobody = try hub.run("drift", "collavo-7b@x", "collavo-7b", Self.picture)
    #expect(
      nobody.errors.contains("there is no model x; known are CoLLaVO-7B, CoLLaVO-7B-nf4, "), "\(nobody.errors)")
  }
}
