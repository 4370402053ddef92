import Foundation
import Tensors
import TestSupport
import Testing

@testable import Checkpoints

/// A file that the `gguf` package wrote, and files that lie.
@Suite struct GGUFTests {
  static let file = Fixtures.folder.appendingPathComponent("Quantization/blocks.gguf")

  @Test func metadataOfEveryKindReads() throws {
    let metadata = try GGUFFile(Self.file).metadata
    #expect(metadata["test.text"] == .string("crayon ✏"))
    #expect(metadata["test.numbers"] == .integers([-3, 5, 1 << 20]))
    #expect(metadata["test.float"] == .float(0.5))
    #expect(metadata["general.architecture"] == .string("none"))
  }

  @Test func tensorsAreListedOutermostAxisFirst() throws {
    let file = try GGUFFile(Self.file)
    #expect(file.entries.count == 11)
    #expect(file.entry(named: "Q4_1")?.shape == [3, 512])
    #expect(file.entry(named: "Q6_K")?.format == .q6_K)
    #expect(throws: CheckpointError.missingTensor(path: Self.file.path, name: "x")) {
      try file.matrix("x", rows: 1, columns: 1)
    }
    #expect(
      throws: CheckpointError.wrongShape(
        path: Self.file.path, name: "Q4_1", expected: [4, 512], got: [3, 512])
    ) { try file.matrix("Q4_1", rows: 4, columns: 512) }
  }

  static func error(_ bytes: some Collection<UInt8>) -> CheckpointError? {
    do {
      _ = try GGUFFile(MappedFile(copying: bytes, path: "file"))
      return nil
    } catch {
      return error as? CheckpointError
    }
  }

  @Test func whatIsNoGGUFFileIsNamed() throws {
    #expect(Self.error([]) == .empty(path: "file"))
    #expect(Self.error(Array("PK\u{3}\u{4}and more".utf8)) == .notGGUF(path: "file"))
    var data = try Data(contentsOf: Self.file)
    data[4] = 1
    #expect(Self.error(data) == .ggufVersion(path: "file", version: 1))
  }

  @Test func everyTruncationIsRefused() throws {
    let data = try Data(contentsOf: Self.file)
    for count in stride(from: 0, to: data.count, by: 37) {
      #expect(Self.error(data.prefix(count)) != nil, "cut to \(count) bytes")
    }
  }

  @Test func countsThatLieAreRefusedBeforeMemoryIsTaken() throws {
    let data = try Data(contentsOf: Self.file)
    for offset in [8, 16] {
      var copy = data
      copy.replaceSubrange(offset..<offset + 8, with: Data(repeating: 0xff, count: 8))
      #expect(Self.error(copy) != nil)
    }
  }

  /// Whatever is done to a file, it opens or it is refused; and what opens can be read.
  @Test func mutated() throws {
    let data = try Data(contentsOf: Self.file)
    let mutants = Int(ProcessInfo.processInfo.environment["CRAYON_FUZZ"] ?? "") ?? 2000
    var numbers = SeededNumbers(seed: 21)
    // The values take most of the file and cannot lie: changes go where the description is.
    let description = 1200
    for _ in 0..<mutants {
      var copy = data
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        copy[Int.random(in: 0..<description, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
      }
      if Int.random(in: 0..<8, using: &numbers) == 0 {
        copy = copy.prefix(Int.random(in: 0...copy.count, using: &numbers))
      }
      guard let file = try? GGUFFile(MappedFile(copying: copy, path: "file")) else { continue }
      for entry in file.entries where entry.range.count < 1 << 16 {
        _ = try? file.tensor(entry.name, shape: entry.shape)
      }
    }
  }

  /// A file of two tensors of 32 floats each.
  static func file(offsets: [UInt64], alignment: [UInt8] = [], nested: Bool = false) -> Data {
    var data = Data("GGUF".utf8)
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { data += Data($0) }
    }
    func append(text: String) {
      append(UInt64(text.utf8.count))
      data += Data(text.utf8)
    }
    append(UInt32(3))
    append(UInt64(2))
    append(UInt64((alignment.isEmpty ? 0 : 1) + (nested ? 1 : 0)))
    if !alignment.isEmpty {
      append(text: "general.alignment")
      data += Data(alignment)
    }
    if nested {
      append(text: "nested")
      // Two arrays of bytes in an array.
      for value: UInt32 in [9, 9] { append(value) }
      append(UInt64(2))
      for _ in 0..<2 {
        append(UInt32(0))
        append(UInt64(3))
        data += Data([1, 2, 3])
      }
    }
    for (name, offset) in zip(["a", "b"], offsets) {
      append(text: name)
      append(UInt32(1))
      append(UInt64(32))
      append(UInt32(0))
      append(offset)
    }
    data += Data(count: (32 - data.count % 32) % 32)
    return data + Data(count: 320)
  }

  /// llama.cpp refuses the same: what reads another tensor's bytes would answer, and answer nonsense.
  @Test func tensorsStandOneBehindTheOther() {
    #expect(Self.error(Self.file(offsets: [0, 128])) == nil)
    #expect(Self.error(Self.file(offsets: [128, 0])) == nil)
    #expect(Self.error(Self.file(offsets: [0, 0])) == .overlap(path: "file", first: "a", second: "b"))
    #expect(Self.error(Self.file(offsets: [0, 96])) == .overlap(path: "file", first: "a", second: "b"))
    for offset: UInt64 in [32, 1] {
      guard case .hole = Self.error(Self.file(offsets: [offset, 128 + offset])) else {
        Issue.record("accepted with a first tensor at \(offset)")
        continue
      }
    }
  }

  @Test func theAlignmentIsAPowerOfTwoWithoutASign() {
    let refused = CheckpointError.wrongMetadata(
      path: "file", key: "general.alignment", expected: "a power of two, without a sign")
    // Of the types 4 (unsigned) and 5.
    #expect(Self.error(Self.file(offsets: [0, 128], alignment: [4, 0, 0, 0, 64, 0, 0, 0])) != refused)
    #expect(Self.error(Self.file(offsets: [0, 128], alignment: [5, 0, 0, 0, 32, 0, 0, 0])) == refused)
    #expect(Self.error(Self.file(offsets: [0, 128], alignment: [4, 0, 0, 0, 33, 0, 0, 0])) == refused)
  }

  @Test func arraysInArraysAreReadPast() throws {
    let file = try GGUFFile(MappedFile(copying: Self.file(offsets: [0, 128], nested: true), path: "file"))
    #expect(file.entries.count == 2 && file.metadata["nested"] == .skipped)
  }
}
