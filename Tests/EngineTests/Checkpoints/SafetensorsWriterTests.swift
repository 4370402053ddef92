import Checkpoints
import Foundation
import Tensors
import Testing

/// What is written is read back, the same bytes every time, and rounded to the nearest.
@Suite struct SafetensorsWriterTests {
  private func written(_ writer: SafetensorsWriter, _ body: (URL) throws -> Void) throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("out.safetensors")
      try writer.write(to: url)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.safetensors"])
      try body(url)
    }
  }

  private func example() -> SafetensorsWriter {
    var writer = SafetensorsWriter(metadata: ["note": "a \"quoted\"\n\\line", "b": "grüß"])
    writer["b.half"] = .float16(Tensor([1, -0.5, 65504], shape: [3]))
    writer["z"] = .float32(Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]))
    writer["scalar"] = .float32(Tensor([2.5], shape: []))
    writer["empty"] = .float32(Tensor(zeros: [0, 4]))
    writer["brain"] = .bfloat16(Tensor([1, 3.140625], shape: [2]))
    writer["ids"] = .int32([-1, .max], shape: [2])
    writer["wide \"id\""] = .int64([.min, .max], shape: [1, 2])
    return writer
  }

  @Test func whatIsWrittenIsReadBack() throws {
    try written(example()) { url in
      let checkpoint = try Checkpoint(safetensors: url)
      #expect(checkpoint.metadata == ["note": "a \"quoted\"\n\\line", "b": "grüß"])
      #expect(
        checkpoint.names == ["wide \"id\"", "empty", "scalar", "z", "ids", "brain", "b.half"])
      #expect(try checkpoint.tensor("z").values == [1, 2, 3, 4, 5, 6])
      #expect(checkpoint.entry(named: "z")?.shape == [2, 3])
      #expect(try checkpoint.tensor("scalar").values == [2.5])
      #expect(try checkpoint.tensor("b.half").values == [1, -0.5, 65504])
      #expect(try checkpoint.tensor("brain").values == [1, 3.140625])
      #expect(try checkpoint.integers(named: "ids") == [-1, Int(Int32.max)])
      #expect(try checkpoint.integers(named: "wide \"id\"") == [.min, .max])
      for entry in checkpoint.entries {
        #expect(entry.range.lowerBound.isMultiple(of: entry.elementType.size), "\(entry.name)")
      }
    }
  }

  @Test func theSameTensorsMakeTheSameBytes() throws {
    try written(example()) { first in
      try written(example()) { second in
        let (one, other) = (try Data(contentsOf: first), try Data(contentsOf: second))
        #expect(one == other)
      }
    }
  }

  /// Rewriting what Python wrote gives what Python wrote, byte for byte.
  @Test func theLayoutIsTheReferenceImplementations() throws {
    let file = "sharded/model-00002-of-00002.safetensors"
    var writer = SafetensorsWriter()
    writer["b"] = .float32(Tensor(zeros: [3]))
    try written(writer) { url in
      let ours = Array(try Data(contentsOf: url))
      #expect(try ours == CheckpointFixtures.bytes(file))
    }
  }

  @Test func aShapeThatDoesNotFitLeavesNoFile() throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      var writer = SafetensorsWriter()
      writer["ids"] = .int32([1, 2, 3], shape: [2])
      let url = folder.appendingPathComponent("out.safetensors")
      #expect(
        throws: CheckpointError.wrongLength(
          path: url.path, name: "ids", shape: [2], type: .int32, expected: 8, got: 12)
      ) { try writer.write(to: url) }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files.isEmpty)
    }
  }

  /// Every half comes back from its float, and every midpoint between two goes to the even one.
  @Test func halvesRoundToTheNearestEven() throws {
    var midpoints: [Float] = []
    var nearest: [UInt16] = []
    for half in UInt16(0)..<0x7c00 {
      let (low, high) = (Self.value(half), Self.value(half + 1))
      // The step behind the largest half would reach 65536.
      let middle = Float((low + (high.isFinite ? high : 65536)) / 2)
      midpoints += [Float(low), middle, middle.nextDown, middle.nextUp, -middle]
      let even = half & 1 == 0 ? half : half + 1
      nearest += [half, even, half, half + 1, even | 0x8000]
    }
    var writer = SafetensorsWriter()
    writer["a"] = .float16(Tensor(midpoints, shape: [midpoints.count]))
    try written(writer) { url in
      let entry = try #require(try Checkpoint(safetensors: url).entry(named: "a"))
      let bits = try entry.file.read(entry.range) { bytes in
        (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self) }
      }
      // One index, as a list of all differences would take a minute to print.
      #expect(bits.count == nearest.count)
      #expect(zip(bits, nearest).enumerated().first { $1.0 != $1.1 }?.offset == nil)
    }
  }

  @Test func bfloatsRoundToTheNearestEven() throws {
    let values = [0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x7f7f_ffff, 0x7f80_0001, 0xff80_0000]
      .map { Float(bitPattern: $0) }
    var writer = SafetensorsWriter()
    writer["a"] = .bfloat16(Tensor(values, shape: [6]))
    try written(writer) { url in
      let read = try Checkpoint(safetensors: url).tensor("a").values.map { $0.bitPattern >> 16 }
      #expect(read == [0x3f80, 0x3f82, 0x3f81, 0x7f80, 0x7fc0, 0xff80])
    }
  }

  private static func value(_ half: UInt16) -> Double {
    let (exponent, fraction) = (Int(half >> 10) & 31, Double(half & 1023))
    if exponent == 31 { return .infinity }
    if exponent == 0 { return fraction * 0x1p-24 }
    return (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
  }
}
