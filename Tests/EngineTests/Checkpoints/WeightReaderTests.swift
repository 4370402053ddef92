import Checkpoints
import Foundation
import Layers
import TestSupport
import Tensors
import Testing

/// A model gets exactly the tensors that it asks for, or an error that names the one that is wrong.
@Suite struct WeightReaderTests {
  private func checkpoint(_ tensors: [String: Tensor]) throws -> Checkpoint {
    var result: Checkpoint?
    try CheckpointFixtures.withTemporaryFolder { folder in
      var writer = SafetensorsWriter()
      for (name, tensor) in tensors { writer[name] = .float32(tensor) }
      let url = folder.appendingPathComponent("model.safetensors")
      try writer.write(to: url)
      result = try Checkpoint(safetensors: MappedFile(copying: try Data(contentsOf: url), path: "file"))
    }
    return try #require(result)
  }

  private func layers() throws -> Checkpoint {
    try checkpoint([
      "encoder.fc1.weight": Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]),
      "encoder.fc1.bias": Tensor([7, 8], shape: [2]),
      "encoder.norm.weight": Tensor([1, 1], shape: [2]),
      "encoder.norm.bias": Tensor([0, 0], shape: [2]),
    ])
  }

  @Test func layersTakeTheirTensorsAndNothingIsLeft() throws {
    let weights = WeightReader(try layers())
    let encoder = weights.scoped("encoder")
    let linear = try Linear(encoder.scoped("fc1"), inputs: 3, outputs: 2)
    #expect(linear.weight.tensor.values == [1, 2, 3, 4, 5, 6])
    #expect(linear.bias?.values == [7, 8])
    let norm = try LayerNorm(weights.scoped("encoder.norm."), width: 2, epsilon: 1e-5)
    #expect(norm.scale.values == [1, 1])
    try weights.finish()
  }

  @Test func whatIsMissingIsNamedInFull() throws {
    let encoder = WeightReader(try layers()).scoped("encoder")
    #expect(throws: CheckpointError.missingTensor(path: "file", name: "encoder.fc2.weight")) {
      try Linear(encoder.scoped("fc2"), inputs: 3, outputs: 2)
    }
  }

  @Test func aWrongShapeIsNamedWithBothShapes() throws {
    let weights = WeightReader(try layers())
    #expect(
      throws: CheckpointError.wrongShape(
        path: "file", name: "encoder.fc1.weight", expected: [3, 2], got: [2, 3])
    ) { try Linear(weights.scoped("encoder.fc1"), inputs: 2, outputs: 3) }
    // Nothing was handed out, so everything is left.
    #expect(throws: CheckpointError.self) { try weights.finish() }
  }

  /// What no part asked for is no tensor of the model only where every part was made.
  @Test(arguments: [(true, WeightAudit.Finding.Verdict.unknown), (false, .notLookedAt)])
  func whatAnAuditIsNotAskedFor(isWhole: Bool, verdict: WeightAudit.Finding.Verdict) throws {
    let (audit, checkpoint) = (WeightAudit(), try layers())
    _ = try Linear(WeightReader(checkpoint, for: audit).scoped("encoder.fc1"), inputs: 3, outputs: 2)
    let findings = audit.findings(of: checkpoint, isWhole: isWhole)
    let left = findings.filter { $0.verdict == verdict }.map(\.name).sorted()
    #expect(left == ["encoder.norm.bias", "encoder.norm.weight"])
    #expect(findings.count { $0.verdict == .fits } == 2)
  }

  @Test func whatIsLeftIsNamedUnlessAReasonIsGiven() throws {
    let weights = WeightReader(
      try checkpoint([
        "layers.0.index": Tensor(zeros: [1]), "layers.12.index": Tensor(zeros: [1]),
        "layers.x.index": Tensor(zeros: [1]), "layers..index": Tensor(zeros: [1]), "head": Tensor(zeros: [1]),
      ]))
    let ignored = ["layers.{n}.index": "computed"]
    #expect(
      throws: CheckpointError.extraTensors(path: "file", names: ["head", "layers..index", "layers.x.index"])
    ) {
      try weights.finish(ignoring: ignored)
    }
    _ = try weights.tensor("head", shape: [1])
    try weights.scoped("head").finish()
    try weights.finish(
      ignoring: [
        "layers.{n}.index": "computed", "layers.x.index": "a test", "layers..index": "a test",
      ])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity], [0, 5, 262_143, 262_144, 599_999])
  func aValueThatIsNotFiniteIsFoundAnywhere(value: Float, index: Int) throws {
    var values = [Float](repeating: .greatestFiniteMagnitude, count: 600_000)
    values[index] = value
    let broken = try checkpoint(["a": Tensor(values, shape: [600, 1000])])
    #expect(throws: CheckpointError.notFinite(path: "file", name: "a", index: index)) {
      try WeightReader(broken).tensor("a", shape: [600, 1000])
    }
    #expect(try WeightReader(broken, checkFinite: false).tensor("a", shape: [600, 1000]).count == 600_000)
  }

  @Test func aHalfThatIsNotFiniteIsFoundToo() throws {
    let header = #"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#
    var bytes = safetensors(header, data: 4).readAll { Array($0) }
    bytes.replaceSubrange(bytes.count - 2..<bytes.count, with: [0x00, 0x7c])
    let checkpoint = try Checkpoint(safetensors: MappedFile(copying: bytes, path: "file"))
    #expect(throws: CheckpointError.notFinite(path: "file", name: "a", index: 1)) {
      try WeightReader(checkpoint).tensor("a", shape: [2])
    }
  }
}
