import Checkpoints
import Foundation
import Tensors
import Testing

/// Files by the reference libraries, read to the last bit.
@Suite struct ReadingTests {
  @Test(arguments: [
    "every.safetensors", "every.bin", "views.bin", "module.bin", "parameters.bin", "nested.bin",
    "model.bin", "protocol4.bin", "zip64.bin",
  ])
  func everyValueIsWhatTheWriterWrote(file: String) throws {
    let checkpoint = try CheckpointFixtures.open(file)
    let expected = try CheckpointFixtures.expected(file)
    #expect(Set(checkpoint.names) == Set(expected.keys))
    for (name, tensor) in expected {
      #expect(checkpoint.entry(named: name)?.shape == tensor.shape, "\(name)")
      switch tensor.values {
      case .floats(let values):
        let read = try checkpoint.tensor(name)
        #expect(read.shape == tensor.shape)
        // By their bits, so that -0 is not 0.
        #expect(read.values.map(\.bitPattern) == values.map { Float($0).bitPattern }, "\(name)")
      case .integers(let values) where values.isEmpty:
        #expect(try checkpoint.tensor(name).values.isEmpty)
      case .integers(let values):
        #expect(try checkpoint.integers(named: name) == values, "\(name)")
      }
    }
  }

  @Test func metadataIsKept() throws {
    let checkpoint = try CheckpointFixtures.open("every.safetensors")
    #expect(checkpoint.metadata == ["format": "pt", "note": "grüß \"dich\"\n"])
  }

  @Test func unsignedIntegersAreReadUpToTheRangeOfInt() throws {
    let checkpoint = try CheckpointFixtures.open("unsigned.safetensors")
    #expect(try checkpoint.integers(named: "u16") == [1, 65535])
    #expect(try checkpoint.integers(named: "u32") == [4_294_967_295])
    #expect(
      throws: CheckpointError.integerTooLarge(
        path: checkpoint.path, name: "u64", value: 9_223_372_036_854_775_808)
    ) { try checkpoint.integers(named: "u64") }
  }

  @Test func integersAreNoWeightsAndWeightsNoIntegers() throws {
    let checkpoint = try CheckpointFixtures.open("every.safetensors")
    #expect(
      throws: CheckpointError.notFloatingPoint(path: checkpoint.path, name: "i64", type: .int64)
    ) { try checkpoint.tensor("i64") }
    #expect(throws: CheckpointError.notInteger(path: checkpoint.path, name: "f16", type: .float16)) {
      try checkpoint.integers(named: "f16")
    }
  }

  @Test(arguments: ["every.safetensors", "every.bin"])
  func alignedFloat32IsNotCopied(file: String) throws {
    let checkpoint = try CheckpointFixtures.open(file)
    let entry = try #require(checkpoint.entry(named: "f32"))
    let inFile = entry.file.readAll { $0.baseAddress.map { $0 + entry.range.lowerBound } }
    #expect(try checkpoint.tensor("f32").read { UnsafeRawPointer($0) } == inFile)
  }

  @Test func unalignedFloat32IsCopied() throws {
    let header = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    for spaces in 0..<4 {
      let file = safetensors(header + String(repeating: " ", count: spaces), data: 8)
      let expected = [0x0302_0100, 0x0706_0504].map { Float(bitPattern: $0) }
      #expect(try Checkpoint(safetensors: file).tensor("a").values == expected)
    }
  }

  @Test func aTensorOutlivesItsCheckpoint() throws {
    let tensor = try CheckpointFixtures.open("nested.bin").tensor("a")
    #expect(tensor.values == [1, 1])
  }

  /// Every half there is, against the arithmetic of its definition.
  @Test func everyHalfConvertsExactly() throws {
    let header = #"{"a":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
    var bytes = safetensors(header).readAll { Array($0) }
    for half in 0...UInt16.max { withUnsafeBytes(of: half.littleEndian) { bytes += $0 } }
    let file = MappedFile(copying: bytes, path: "file")
    let values = try Checkpoint(safetensors: file).tensor("a").values
    for half in 0...UInt16.max {
      let sign: Double = half >> 15 == 0 ? 1 : -1
      let (exponent, fraction) = (Int(half >> 10) & 31, Double(half & 1023))
      let got = values[Int(half)]
      switch exponent {
      case 31 where fraction == 0: #expect(got == Float(sign * .infinity))
      case 31: #expect(got.isNaN)
      case 0: #expect(got.bitPattern == Float(sign * fraction * 0x1p-24).bitPattern)
      default:
        let scale = Double(sign: .plus, exponent: exponent - 25, significand: 1)
        #expect(got == Float(sign * (1024 + fraction) * scale), "\(half)")
      }
    }
  }
}
