import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Damaged files are refused or read, but never crash, hang, or make memory out of a few bytes.
///
/// 4000 mutants by default; `CRAYON_FUZZ=100000` runs as many as it says. Whatever still opens is read to
/// its last value. The mutants end at a page that cannot be touched, so a byte too far does not go unseen.
@Suite(.serialized) struct FuzzTests {
  static let count = ProcessInfo.processInfo.environment["CRAYON_FUZZ"].flatMap(Int.init) ?? 4000

  /// - Parameter open: makes a checkpoint of a mutant
  private func fuzz(
    _ seeds: [[UInt8]], count: Int, salt: UInt64, wrap: ([UInt8]) -> [UInt8] = { $0 },
    open: (MappedFile) throws -> Checkpoint
  ) throws -> FuzzTally {
    let memory = try FencedMemory(capacity: 1 << 16)
    return try FuzzTally(seeds, count: count, salt: salt) {
      try memory.file(wrap($0))
    } open: { file, index in
      try readEverything(open(file), index)
    } isRefusal: {
      $0 is CheckpointError
    }
  }

  private func readEverything(_ checkpoint: Checkpoint, _ index: Int) throws {
    for entry in checkpoint.entries {
      // No tensor may be larger than the file that holds it.
      #expect(entry.count * entry.elementType.size <= entry.file.size, "mutant \(index)")
      switch entry.elementType {
      case .float16, .bfloat16, .float32, .float64:
        let tensor = try checkpoint.tensor(entry.name)
        #expect(tensor.shape == entry.shape)
        _ = tensor.firstNonFiniteIndex
        #expect(tensor.values.count == entry.count)
      case .float8e4m3, .float8e5m2: break
      default: _ = try? checkpoint.integers(named: entry.name)
      }
    }
  }

  private func check(_ tally: FuzzTally, _ what: String) {
    print("\(what): \(tally.opened) opened, \(tally.refused) refused, slowest \(tally.slowest)")
    #expect(tally.unexpected.isEmpty)
    #expect(tally.slowest < .seconds(2))
    // A fuzzer that opens nothing, or everything, tests nothing.
    #expect(tally.opened > 0 && tally.refused > tally.opened / 10)
  }

  /// How much the process grows. Only where it was started for these tests alone: otherwise others grow it too.
  private struct Memory {
    private let before = Self.peakMegabytes

    func check() {
      guard ProcessInfo.processInfo.environment["CRAYON_FUZZ"] != nil else { return }
      #expect(Self.peakMegabytes - before < 512)
    }

    private static var peakMegabytes: Int {
      var usage = rusage()
      getrusage(0, &usage)  // RUSAGE_SELF
      return usage.ru_maxrss >> 10
    }
  }

  @Test func safetensorsFiles() throws {
    let seeds = try [
      "every.safetensors", "unsigned.safetensors", "sharded/model-00001-of-00002.safetensors",
    ].map(CheckpointFixtures.bytes)
    let memory = Memory()
    let tally = try fuzz(seeds, count: Self.count * 2 / 5, salt: 1) {
      try Checkpoint(safetensors: $0)
    }
    check(tally, "safetensors")
    memory.check()
  }

  @Test func torchFiles() throws {
    let seeds = try ["every.bin", "views.bin", "module.bin", "nested.bin", "zip64.bin", "protocol4.bin"]
      .map(CheckpointFixtures.bytes)
    let memory = Memory()
    let tally = try fuzz(seeds, count: Self.count * 3 / 10, salt: 2) {
      try Checkpoint(torch: $0)
    }
    check(tally, "torch zip")
    memory.check()
  }

  /// The archive stays whole, so that every mutation reaches the unpickler.
  @Test func pickles() throws {
    let seeds = try ["every.bin", "views.bin", "module.bin", "nested.bin", "protocol4.bin"].map { name in
      let file = try MappedFile(CheckpointFixtures.url(name))
      return Array(try pickle(of: file))
    }
    let storages = (0..<12).map { ("x/data/\($0)", [UInt8](repeating: 1, count: 512)) }
    let memory = Memory()
    let tally = try fuzz(seeds, count: Self.count * 3 / 10, salt: 3) {
      archive([("x/data.pkl", $0)] + storages)
    } open: {
      try Checkpoint(torch: $0)
    }
    check(tally, "pickles")
    memory.check()
  }

  /// From its protocol mark to the record behind it.
  private func pickle(of file: MappedFile) throws -> ArraySlice<UInt8> {
    let bytes = file.readAll { Array($0) }
    let start = try #require(bytes.indices.first { bytes[$0] == 0x80 && (2...4).contains(bytes[$0 + 1]) })
    let next = try #require(
      bytes.indices.dropFirst(start).first {
        bytes[$0...].starts(with: [0x50, 0x4b, 7, 8]) || bytes[$0...].starts(with: [0x50, 0x4b, 3, 4])
      })
    return bytes[start..<next]
  }
}
