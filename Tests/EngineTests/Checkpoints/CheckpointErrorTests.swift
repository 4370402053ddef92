import Checkpoints
import Testing

/// Every sentence that a person may read, pinned.
@Suite struct CheckpointErrorTests {
  static let sentences: [(CheckpointError, String)] = [
    (.unreadable(path: "w", code: 13), "w cannot be read: Permission denied"),
    (.notAFile(path: "w"), "w is not a regular file, so it cannot hold weights"),
    (.empty(path: "w"), "w is empty; fetch it again"),
    (
      .tooShort(path: "w", needed: 8, size: 3),
      "w ends after 3 bytes where 8 are needed; it was cut short, fetch it again"
    ),
    (
      .gitLFSPointer(path: "w"),
      "w is a Git LFS pointer, not the file itself; run `git lfs pull` in its folder"
    ),
    (
      .noWeights(folder: "m", lookedFor: ["a", "b"]),
      "m holds none of a, b; it is not a folder of weights"
    ),
    (.noTensors(path: "w"), "w holds no tensors"),
    (
      .shardOutsideFolder(path: "w", shard: "../x"),
      #"w lists "../x", which is not the name of a file beside it"#
    ),
    (.notJSON(path: "w", reason: "it is empty"), "w cannot be read: it is empty"),
    (
      .syntax(path: "w", offset: 9, expected: .commaOrEnd),
      "w is damaged at byte 9: expected a comma or a closing bracket"
    ),
    (
      .headerLength(path: "w", length: 99, size: 20),
      "w claims a header of 99 bytes, but has 20 bytes and the format allows 100000000; "
        + "it is not a safetensors file, or it was cut short"
    ),
    (.duplicateName(path: "w", name: "a"), "w names a twice"),
    (
      .unexpectedField(path: "w", name: "a", field: "x"),
      #"w describes a by an unknown or repeated field "x""#
    ),
    (.missingField(path: "w", name: "a", field: "shape"), "w describes a without a valid shape"),
    (
      .unknownType(path: "w", name: "a", type: "F7"),
      #"w stores a as "F7", a type that crayon does not read"#
    ),
    (
      .shapeTooLarge(path: "w", name: "a", shape: [9, 9]), "w gives a the impossible shape [9, 9]"
    ),
    (
      .outsideFile(path: "w", name: "a", begin: 4, end: 8, available: 6),
      "w places a at bytes 4 to 8 of 6; it was cut short or is damaged"
    ),
    (
      .wrongLength(path: "w", name: "a", shape: [2], type: .float32, expected: 8, got: 4),
      "w stores a, F32 [2], in 4 bytes instead of 8"
    ),
    (.overlap(path: "w", first: "a", second: "b"), "w stores a and b in the same bytes"),
    (.hole(path: "w", from: 4, to: 8), "w has bytes 4 to 8 that belong to no tensor"),
    (
      .legacyTorch(path: "w"),
      "w is in PyTorch's format from before version 1.6; load it with PyTorch and save it again, "
        + "best as safetensors"
    ),
    (.notATorchFile(path: "w"), "w is not a file that `torch.save` has written"),
    (
      .damagedArchive(path: "w", offset: 7),
      "w is a damaged zip archive (at byte 7); fetch it again"
    ),
    (
      .compressedRecord(path: "w", record: "x/data/0"),
      "w holds x/data/0 compressed or encrypted; `torch.save` stores records as they are"
    ),
    (.missingRecord(path: "w", record: "x/data/0"), "w lacks its record x/data/0; fetch it again"),
    (
      .bigEndian(path: "w"),
      "w was written big-endian; load and save it on a little-endian machine"
    ),
    (
      .forbiddenImport(path: "w", name: "os.system"),
      "w tries to import os.system; crayon only reads tensors"
    ),
    (
      .forbiddenOperation(path: "w", operation: 0x62, offset: 5),
      "w uses pickle operation 0x62 in its data.pkl at byte 5 in a way that tensors do not need; "
        + "crayon only reads tensors"
    ),
    (
      .damagedPickle(path: "w", offset: 5),
      "w is damaged: its data.pkl cannot be followed at byte 5"
    ),
    (
      .pickleTooLarge(path: "w", size: 9, limit: 8),
      "w describes its tensors in 9 bytes or values, more than the 8 that are allowed"
    ),
    (
      .impossibleTensor(path: "w", name: "a"),
      "w gives a a shape, strides or an offset that do not fit its storage"
    ),
    (
      .expandedTensor(path: "w", name: "a", count: 9, stored: 1),
      "w stretches a to 9 values out of 1; save it with `.contiguous()` first"
    ),
    (
      .shortStorage(path: "w", record: "x/data/0", needed: 8, got: 4),
      "w holds 4 bytes in its record x/data/0, where its tensors need 8"
    ),
    (.missingTensor(path: "w", name: "a"), "w lacks the tensor a"),
    (
      .wrongShape(path: "w", name: "a", expected: [1], got: [2]),
      "w holds a with shape [2], but the model needs [1]"
    ),
    (
      .extraTensors(path: "w", names: ["a", "b"]),
      "w holds a, b, which the model does not use; is it for another model?"
    ),
    (
      .extraTensors(path: "w", names: ["a", "b", "c", "d", "e", "f", "g"]),
      "w holds a, b, c, d, e and 2 more, which the model does not use; is it for another model?"
    ),
    (
      .notFinite(path: "w", name: "a", index: 3),
      "w holds a value in a (index 3) that is infinite or not a number"
    ),
    (
      .notFloatingPoint(path: "w", name: "a", type: .int64),
      "w stores a as I64, where floating-point values are needed"
    ),
    (.notInteger(path: "w", name: "a", type: .float32), "w stores a as F32, where integers are needed"),
    (
      .integerTooLarge(path: "w", name: "a", value: .max),
      "w holds 18446744073709551615 in a, which is beyond 63 bits"
    ),
  ]

  @Test(arguments: sentences)
  func theSentenceIsThis(error: CheckpointError, sentence: String) {
    #expect(error.description == sentence)
  }
}
