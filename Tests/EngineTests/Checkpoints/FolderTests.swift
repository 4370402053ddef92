import Checkpoints
import Foundation
import Testing

/// Which of a folder's files are taken, rule by rule.
@Suite struct FolderTests {
  private func copy(_ fixture: String, to folder: URL, as name: String) throws {
    try FileManager.default.copyItem(
      at: CheckpointFixtures.url(fixture), to: folder.appendingPathComponent(name))
  }

  @Test func theFirstRuleThatAppliesDecides() throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      try Data(#"{"weight_map":{"a":"nested.bin"}}"#.utf8)
        .write(to: folder.appendingPathComponent("pytorch_model.bin.index.json"))
      try copy("nested.bin", to: folder, as: "nested.bin")
      #expect(try Checkpoint(folder: folder).names == ["a"])  // the last of `fileNames`

      try copy("model.bin", to: folder, as: "pytorch_model.bin")
      #expect(try Checkpoint(folder: folder).names == ["b"])  // the third

      for file in try FileManager.default.contentsOfDirectory(atPath: CheckpointFixtures.url("sharded").path) {
        try copy("sharded/\(file)", to: folder, as: file)
      }
      #expect(try Checkpoint(folder: folder).names == ["a", "b"])  // the second

      try copy("unsigned.safetensors", to: folder, as: "model.safetensors")
      #expect(try Set(Checkpoint(folder: folder).names) == ["u16", "u32", "u64"])  // the first
    }
  }

  @Test func shardsAreOneCheckpoint() throws {
    let checkpoint = try Checkpoint(folder: CheckpointFixtures.url("sharded"))
    #expect(try checkpoint.tensor("a").values == [1, 1])
    #expect(try checkpoint.tensor("b").values == [0, 0, 0])
    #expect(checkpoint.files.count == 2)
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      try copy("nested.bin", to: folder, as: "nested.bin")
      try Data("\u{feff}{\"weight_map\": {\"a\": \"nested.bin\"}}\r\n".utf8)
        .write(to: folder.appendingPathComponent("pytorch_model.bin.index.json"))
      #expect(try Checkpoint(folder: folder).names == ["a"])
    }
  }

  @Test(arguments: [
    (#"{"weight_map":{"a":"../model.safetensors"}}"#, "is not the name of a file beside it"),
    (#"{"weight_map":{"a":""}}"#, "is not the name of a file beside it"),
    (#"{"weight_map":{"a":"absent.safetensors"}}"#, "cannot be read: No such file or directory"),
    (#"{"weight_map":{"gone":"m.safetensors"}}"#, "lacks the tensor gone"),
    (#"{"weight_map":{}}"#, "holds no tensors"),
    (#"{"weight_map":[]}"#, "is damaged at byte 14: expected an object"),
    (#"{"weight_map":{"a":1}}"#, "expected a string"),
    (#"{"weight_map":{},"weight_map":{}}"#, "names weight_map twice"),
    ("", "is empty"), ("\u{feff}", "cannot be read: it is empty"), ("[]", "it is not an object with keys"),
    ("<html></html>", "it is a page of HTML and not JSON"),
    ("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer, not the file itself"),
  ])
  func anIndexThatLiesIsRefused(index: String, complaint: String) throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      try Data(index.utf8).write(to: folder.appendingPathComponent("model.safetensors.index.json"))
      try copy("every.safetensors", to: folder, as: "m.safetensors")
      let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder) }
      #expect(error?.description.contains(complaint) == true, "\(String(describing: error))")
    }
  }

  @Test func twoShardsMustNotHoldTheSameTensor() throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      try Data(#"{"weight_map":{"f32":"1.safetensors","f16":"2.safetensors"}}"#.utf8)
        .write(to: folder.appendingPathComponent("model.safetensors.index.json"))
      try copy("every.safetensors", to: folder, as: "1.safetensors")
      try copy("every.safetensors", to: folder, as: "2.safetensors")
      let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder) }
      #expect(error?.description.contains("twice") == true)
    }
  }

  @Test func anEmptyFolderSaysWhatWasLookedFor() throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      #expect(
        throws: CheckpointError.noWeights(
          folder: folder.path,
          lookedFor: [
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
            "pytorch_model.bin.index.json",
          ])
      ) { try Checkpoint(folder: folder) }
    }
  }

  @Test(arguments: [
    ("model.safetensors", WeightFormat.safetensors), ("a/pytorch_model-00001-of-00002.bin", .torch),
    ("sam.pth", .torch), ("a.pt", .torch), ("base.Q4_1.gguf", .gguf), ("model.safetensors.index.json", nil),
    ("tokenizer.model", nil), (".model.safetensors.0123456789abcdef.part", nil),
  ])
  func aNameSaysTheFormat(name: String, format: WeightFormat?) {
    #expect(WeightFormat(of: name) == format)
  }

  @Test(arguments: ["every.safetensors", "every.bin"])
  func aFileSaysItselfWhatItIs(file: String) throws {
    #expect(try Checkpoint(file: CheckpointFixtures.url(file)).names.count == 12)
  }
}
