import Checkpoints
import Foundation
import Tensors
import Testing

/// What a PyTorch file may not be or do.
@Suite struct TorchRefusalTests {
  @Test func aPickleThatImportsAnythingElseIsRefusedByName() {
    let path = CheckpointFixtures.url("malicious.bin").path
    let error = #expect(throws: CheckpointError.self) { try CheckpointFixtures.open("malicious.bin") }
    #expect(error == .forbiddenImport(path: path, name: "posix.system"))
    #expect(error?.description == "\(path) tries to import posix.system; crayon only reads tensors")
  }

  @Test(arguments: [
    ("os", "system"), ("builtins", "eval"), ("torch", "load"), ("torch._utils", "_rebuild_tensor_v3"),
    ("collections", "Counter"), ("torch", "FloatStorage2"), ("", ""),
  ])
  func noNameButTheKnownOnesCanBeImported(module: String, name: String) {
    var byLine = PickleProgram()
    byLine.global(module, name)
    byLine.raw(".")
    var byStack = PickleProgram()
    byStack.string(module)
    byStack.string(name)
    byStack.raw([0x93, UInt8(ascii: ".")])
    for program in [byLine, byStack] {
      #expect(throws: CheckpointError.forbiddenImport(path: "file", name: "\(module).\(name)")) {
        try Checkpoint(torch: torchFile(pickle: program.bytes))
      }
    }
  }

  @Test(arguments: [
    ("compressed.bin", CheckpointError.compressedRecord(path: "", record: "module/byteorder")),
    ("bigendian.bin", .bigEndian(path: "")),
    ("legacy.bin", .legacyTorch(path: "")),
    ("list.bin", .noTensors(path: "")),
    ("expanded.bin", .expandedTensor(path: "", name: "a", count: 1000, stored: 1)),
    ("every.safetensors", .notATorchFile(path: "")),
  ])
  func aFileOfTheWrongKindSaysWhich(file: String, error: CheckpointError) {
    let url = CheckpointFixtures.url(file)
    let got = #expect(throws: CheckpointError.self) { try Checkpoint(torch: url) }
    #expect(got?.description.replacingOccurrences(of: url.path, with: "") == error.description)
  }

  struct Claim: CustomTestStringConvertible {
    let testDescription: String
    let pickle: [UInt8]
    let error: CheckpointError
  }

  static let impossible = CheckpointError.impossibleTensor(path: "file", name: "a")
  static let claims: [Claim] = [
    Claim(
      testDescription: "one row too many",
      pickle: PickleProgram.single(shape: [2, 2], strides: [3, 1], count: 4), error: impossible),
    Claim(
      testDescription: "offset past the end",
      pickle: PickleProgram.single(shape: [4], strides: [1], offset: 1, count: 4), error: impossible),
    Claim(
      testDescription: "negative offset",
      pickle: PickleProgram.single(shape: [1], strides: [1], offset: -1, count: 4), error: impossible),
    Claim(
      testDescription: "negative stride",
      pickle: PickleProgram.single(shape: [2], strides: [-1], offset: 1, count: 4), error: impossible),
    Claim(
      testDescription: "negative axis",
      pickle: PickleProgram.single(shape: [-1], strides: [1], count: 4), error: impossible),
    Claim(
      testDescription: "stride beyond 64 bits",
      pickle: PickleProgram.single(shape: [3], strides: [.max], count: 4), error: impossible),
    Claim(
      testDescription: "shape beyond 64 bits",
      pickle: PickleProgram.single(shape: [1 << 40, 1 << 40], strides: [0, 0], count: 4),
      error: impossible),
    Claim(
      testDescription: "shape beyond 64 bits behind a zero",
      pickle: PickleProgram.single(shape: [1 << 62, 4, 0], strides: [0, 0, 0], count: 4),
      error: impossible),
    Claim(
      testDescription: "more axes than strides",
      pickle: PickleProgram.single(shape: [1, 1], strides: [1], count: 4), error: impossible),
    Claim(
      testDescription: "stretched",
      pickle: PickleProgram.single(shape: [1 << 40], strides: [0], count: 4),
      error: .expandedTensor(path: "file", name: "a", count: 1 << 40, stored: 4)),
    Claim(
      testDescription: "storage longer than its record",
      pickle: PickleProgram.single(shape: [4], strides: [1], count: 5),
      error: .shortStorage(path: "file", record: "x/data/0", needed: 20, got: 16)),
    Claim(
      testDescription: "storage beyond 64 bits",
      pickle: PickleProgram.single(shape: [4], strides: [1], count: .max),
      error: .shortStorage(path: "file", record: "x/data/0", needed: .max, got: 16)),
  ]

  @Test(arguments: claims)
  func aTensorMustFitItsStorage(claim: Claim) {
    #expect(throws: claim.error) { try Checkpoint(torch: torchFile(pickle: claim.pickle)) }
  }

  @Test func aStorageWithoutARecordIsNamed() {
    var program = PickleProgram()
    program.raw("}")
    program.string("a")
    program.tensor(shape: [1], strides: [1], key: "../../etc/passwd", count: 1)
    program.raw("s.")
    #expect(throws: CheckpointError.missingRecord(path: "file", record: "x/data/../../etc/passwd")) {
      try Checkpoint(torch: torchFile(pickle: program.bytes))
    }
  }

  @Test func aNameThatComesTwiceIsRefused() {
    var program = PickleProgram()
    program.raw("}(")
    for _ in 0..<2 {
      program.string("a")
      program.tensor(shape: [1], strides: [1], count: 4)
    }
    program.raw("u.")
    #expect(throws: CheckpointError.duplicateName(path: "file", name: "a")) {
      try Checkpoint(torch: torchFile(pickle: program.bytes))
    }
  }

  /// Operations out of place: (pickle after its two bytes of protocol, error).
  @Test(arguments: [
    (".", CheckpointError.damagedPickle(path: "file", offset: 2)),
    ("", .damagedPickle(path: "file", offset: 2)),
    ("t", .damagedPickle(path: "file", offset: 2)),
    ("h\u{1}.", .damagedPickle(path: "file", offset: 2)),
    ("(q\u{0}", .damagedPickle(path: "file", offset: 3)),
    ("]Ns", .damagedPickle(path: "file", offset: 4)),
    ("}NNNu", .damagedPickle(path: "file", offset: 6)),
    ("}(Nu", .damagedPickle(path: "file", offset: 5)),
    ("NNQ", .damagedPickle(path: "file", offset: 4)),
    ("NNR", .forbiddenOperation(path: "file", operation: 0x52, offset: 4)),
    ("NNb", .forbiddenOperation(path: "file", operation: 0x62, offset: 4)),
    ("\u{7f}", .forbiddenOperation(path: "file", operation: 0x7f, offset: 2)),
    ("cos", .damagedPickle(path: "file", offset: 2)),
    ("ccollections\nOrderedDict\n(NtR", .forbiddenOperation(path: "file", operation: 0x52, offset: 30)),
    ("N.", .noTensors(path: "file")),
    ("}.", .noTensors(path: "file")),
  ])
  func aPickleThatCannotBeFollowedIsRefused(text: String, error: CheckpointError) {
    var program = PickleProgram()
    program.raw(text)
    #expect(throws: error) { try Checkpoint(torch: torchFile(pickle: program.bytes)) }
  }

  @Test func nestingCostsNoStack() {
    var program = PickleProgram()
    program.raw([UInt8](repeating: UInt8(ascii: "("), count: 1_000_000))
    program.raw([UInt8](repeating: UInt8(ascii: "t"), count: 1_000_000))
    program.raw(".")
    #expect(throws: CheckpointError.noTensors(path: "file")) {
      try Checkpoint(torch: torchFile(pickle: program.bytes))
    }
  }

  @Test func moreValuesThanAnyModelNeedsAreRefused() {
    var program = PickleProgram()
    program.raw([UInt8](repeating: UInt8(ascii: "N"), count: 5_000_000))
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(torch: torchFile(pickle: program.bytes))
    }
    #expect(error == .pickleTooLarge(path: "file", size: 4_194_305, limit: 4_194_304))
  }

  @Test(arguments: [false, true])
  func anArchiveMayUseWideNumbers(wide: Bool) throws {
    let pickle = PickleProgram.single(shape: [2, 2], strides: [1, 2], count: 4)
    let checkpoint = try Checkpoint(torch: torchFile(pickle: pickle, wide: wide))
    let bits: [UInt32] = [0x0302_0100, 0x0b0a_0908, 0x0706_0504, 0x0f0e_0d0c]
    #expect(try checkpoint.tensor("a").values == bits.map { Float(bitPattern: $0) })
  }

  @Test func twoPicklesOrTwoRecordsOfOneNameAreRefused() {
    let pickle = PickleProgram.single(shape: [1], strides: [1], count: 1)
    let two = archive([("x/data.pkl", pickle), ("y/data.pkl", pickle), ("x/data/0", [0, 0, 0, 0])])
    #expect(throws: CheckpointError.notATorchFile(path: "file")) {
      try Checkpoint(torch: MappedFile(copying: two, path: "file"))
    }
    let same = archive([("x/data.pkl", pickle), ("x/data.pkl", pickle)])
    #expect(throws: CheckpointError.duplicateName(path: "file", name: "x/data.pkl")) {
      try Checkpoint(torch: MappedFile(copying: same, path: "file"))
    }
  }

  @Test(arguments: ["module.bin", "zip64.bin"])
  func everyTruncationIsRefused(file: String) throws {
    let bytes = try CheckpointFixtures.bytes(file)
    for length in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "\(length) bytes") {
        try Checkpoint(torch: MappedFile(copying: bytes.prefix(length), path: "file"))
      }
    }
  }
}
